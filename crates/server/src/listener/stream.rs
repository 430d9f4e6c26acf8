//! A connection that ends when its caller does not read.
//!
//! What is read of a request has its time limits further up. But a caller who takes no answers
//! stops the writing of them, and nothing further up would ever notice.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};

pub(super) struct Stream {
    tcp: TcpStream,
    unread_within: Duration,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, unread_within: Duration) -> Self {
        Self {
            tcp,
            unread_within,
            stalled: None,
        }
    }

    /// Passes on what became of a write, unless it has waited too long.
    fn within<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let unread_within = self.unread_within;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(alarm(unread_within)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the deadline of a write, of the machine's time like every socket's"
)]
fn alarm(after: Duration) -> Sleep {
    tokio::time::sleep(after)
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.tcp).poll_write(context, bytes);
        self.within(outcome, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.tcp).poll_write_vectored(context, slices);
        self.within(outcome, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.tcp).poll_flush(context);
        self.within(outcome, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.tcp).poll_shutdown(context);
        self.within(outcome, context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::AsyncWriteExt,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let caller = TcpStream::connect(listener.local_addr().unwrap());
        let (caller, accepted) = tokio::join!(caller, listener.accept());
        (caller.unwrap(), accepted.unwrap().0)
    }

    /// A caller who reads nothing gets no more than the buffers hold, and its connection ends.
    #[tokio::test]
    async fn n11_a_caller_who_does_not_read_is_cut_off() {
        let (caller, ours) = pair().await;
        let mut ours = Stream::new(ours, Duration::from_millis(100));
        let page = vec![b'x'; 1024 * 1024];
        let error = loop {
            if let Err(error) = ours.write_all(&page).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(caller);
    }

    #[tokio::test]
    async fn a_caller_who_reads_is_left_in_peace() {
        let (mut caller, ours) = pair().await;
        let mut ours = Stream::new(ours, Duration::from_secs(60));
        let page = vec![b'x'; 1024 * 1024];
        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut caller, &mut all).await
        });
        ours.write_all(&page).await.unwrap();
        ours.shutdown().await.unwrap();
        assert_eq!(reader.await.unwrap().unwrap(), page.len());
    }
}
