//! A connection on which a test says what it likes, byte by byte.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::World;

/// Far longer than any limit of a test's server: it passes only when the server has hung.
const HUNG: Duration = Duration::from_secs(60);

pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(world: &World) -> Self {
        let address = world.base.trim_start_matches("http://");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("sent");
    }

    /// Sends what the server may not want to read to its end.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) {
        drop(self.0.write_all(bytes).await);
    }

    /// The status of the next answer.
    pub(crate) async fn status(&mut self) -> u16 {
        let mut line = [0; 12];
        let read = tokio::time::timeout(HUNG, self.0.read_exact(&mut line));
        read.await.expect("the server hangs").expect("an answer");
        let line = std::str::from_utf8(&line).expect("text");
        let status = line.strip_prefix("HTTP/1.1 ").expect("a status line");
        status.parse().expect("a status")
    }

    /// Everything until the server closes the connection, or resets it.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(HUNG, self.0.read_to_end(&mut rest));
        drop(read.await.expect("the server hangs"));
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Whether nothing comes for a while, and the connection stays.
    pub(crate) async fn is_silent(&mut self) -> bool {
        let mut byte = [0];
        let read = self.0.read(&mut byte);
        tokio::time::timeout(Duration::from_millis(300), read)
            .await
            .is_err()
    }
}
