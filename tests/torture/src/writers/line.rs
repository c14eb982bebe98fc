//! A network line between client and server on the loopback interface, as slow as it is set.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Parts of a second into which a slow line spreads its bytes.
const TICKS: u32 = 20;

/// One of them.
const TICK: Duration = Duration::from_millis(1000 / TICKS as u64);

/// A line; it is cut when dropped.
#[derive(Debug)]
pub(super) struct Line {
    /// Where the client connects.
    pub(super) port: u16,
    rate: Arc<AtomicUsize>,
    still: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Line {
    /// A line to a server's port.
    pub(super) fn to(server: u16) -> anyhow::Result<Line> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let line = Line {
            port: listener.local_addr()?.port(),
            rate: Arc::default(),
            still: Arc::default(),
            ended: Arc::default(),
        };
        let (rate, still) = (Arc::clone(&line.rate), Arc::clone(&line.still));
        let ended = Arc::clone(&line.ended);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) {
                    connect(client, server, Arc::clone(&rate), Arc::clone(&still));
                }
            }
        });
        Ok(line)
    }

    /// Lets so many bytes through a second from client to server; any number when `None`.
    pub(super) fn set_rate(&self, bytes: Option<usize>) {
        self.rate.store(bytes.unwrap_or(0), Ordering::SeqCst);
    }
}

impl Line {
    /// Lets nothing through from client to server, or goes on.
    pub(super) fn stand_still(&self, still: bool) {
        self.still.store(still, Ordering::SeqCst);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a client.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn connect(client: TcpStream, server: TcpStream, rate: Arc<AtomicUsize>, still: Arc<AtomicBool>) {
    let (Ok(back_from), Ok(back_to)) = (server.try_clone(), client.try_clone()) else { return };
    thread::spawn(move || pass(client, server, &rate, &still));
    thread::spawn(move || pass(back_from, back_to, &AtomicUsize::new(0), &AtomicBool::new(false)));
}

/// Passes bytes on until one end closes; then the other end hears of it.
fn pass(mut from: TcpStream, mut to: TcpStream, rate: &AtomicUsize, still: &AtomicBool) {
    let mut block = vec![0; 64 * 1024];
    loop {
        if still.load(Ordering::SeqCst) {
            thread::sleep(TICK);
            continue;
        }
        let rate = rate.load(Ordering::SeqCst);
        let most = if rate == 0 { block.len() } else { (rate / TICKS as usize).clamp(1, block.len()) };
        match from.read(&mut block[..most]) {
            Ok(count) if count > 0 && to.write_all(&block[..count]).is_ok() => {}
            _ => break,
        }
        if rate > 0 {
            thread::sleep(TICK);
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
