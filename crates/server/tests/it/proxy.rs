//! A wire to a server that a test can cut, or hold without a word.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Through,
    /// Connections are taken and nothing is passed on.
    Silent,
    /// Connections break, and new ones break at once.
    Cut,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    wire: watch::Sender<Wire>,
}

impl Proxy {
    /// A wire to `server`, a host and a port.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (wire, state) = watch::channel(Wire::Through);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server.clone(), state.clone()));
            }
        });
        Self { address, wire }
    }

    pub(crate) fn turn(&self, wire: Wire) {
        self.wire.send(wire).expect("the proxy runs");
    }
}

/// Ends with the connection or with the next change: what was under way then is lost.
async fn carry(mut near: TcpStream, server: String, mut state: watch::Receiver<Wire>) {
    let now = *state.borrow_and_update();
    match now {
        Wire::Cut => {}
        Wire::Silent => drop(state.changed().await),
        Wire::Through => {
            let Ok(mut far) = TcpStream::connect(&server).await else {
                return;
            };
            let mut held = false;
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                changed = state.changed() => {
                    held = changed.is_ok() && *state.borrow_and_update() == Wire::Silent;
                }
            }
            if held {
                drop(state.changed().await);
            }
        }
    }
}
