//! Bodies of downloads, made piece by piece as the browser takes them: between two pieces neither a thread nor a
//! transaction is held, so that a browser that sleeps holds nobody up.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use super::site::Site;
use super::trouble::Trouble;

/// A browser that takes nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A body of pieces, each made by a call of `next` on a thread that may block; an empty piece ends it.
pub(crate) fn body(
    site: Site,
    mut next: impl FnMut(&Site) -> Result<Vec<u8>, Trouble> + Send + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        loop {
            // The body of one that fails ends without its last word: the browser knows then that it is not whole.
            let made = site.blocking(move |site| next(site).map(|piece| (piece, next))).await;
            let Ok((piece, again)) = made else { return };
            next = again;
            let last = piece.is_empty();
            if sender.send_timeout(Bytes::from(piece), PATIENCE).await.is_err() || last {
                return;
            }
        }
    });
    Body::from_stream(Pieces { receiver, ended: false })
}

/// What the browser takes.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    ended: bool,
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|piece| match piece {
            Some(piece) if !piece.is_empty() => Some(Ok(piece)),
            Some(_) => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(std::io::Error::other("the download was cut off")))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::TestSite;

    async fn read(pieces: Vec<Result<Vec<u8>, Trouble>>) -> Result<Vec<u8>, axum::Error> {
        let mut pieces = pieces.into_iter();
        let body = body(TestSite::new().site, move |_| pieces.next().unwrap_or(Ok(Vec::new())));
        axum::body::to_bytes(body, 1 << 20).await.map(|bytes| bytes.to_vec())
    }

    #[tokio::test]
    async fn a_body_is_whole_or_known_not_to_be() {
        let piece = |text: &str| Ok(text.as_bytes().to_vec());
        assert_eq!(read(vec![piece("a"), piece("bc")]).await.unwrap(), b"abc");
        assert_eq!(read(Vec::new()).await.unwrap(), b"");
        let cut = read(vec![piece("a"), Err(Trouble::disk_full()), piece("b")]).await;
        assert!(cut.unwrap_err().to_string().contains("cut off"));
    }
}
