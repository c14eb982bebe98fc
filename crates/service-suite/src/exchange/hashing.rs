//! The SHA-256 of a file that is read block by block, made on a thread of its own while the next block is read.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};

use crate::secrets::hex;

/// Bytes of a block.
pub(super) const BLOCK: usize = 256 * 1024;

/// Blocks that wait to be hashed.
const WAITING: usize = 2;

/// A block as it is read: room for [`BLOCK`] bytes.
pub(super) type Block = Vec<u8>;

/// The SHA-256 of the blocks so far. The first one is hashed right away: most files have no other.
#[derive(Debug, Default)]
pub(super) struct Hashing {
    first: Sha256,
    blocks: u64,
    beside: Option<Beside>,
}

/// The thread that hashes the blocks behind the first.
#[derive(Debug)]
struct Beside {
    waiting: SyncSender<(Block, usize)>,
    hashed: Receiver<Block>,
    thread: JoinHandle<Sha256>,
}

impl Hashing {
    /// Room for the first block.
    pub(super) fn block() -> Block {
        vec![0; BLOCK]
    }

    /// Adds the first `count` bytes of a block; gives room for the next one.
    pub(super) fn add(&mut self, block: Block, count: usize) -> Block {
        self.blocks += 1;
        if self.blocks == 2 {
            // Where there can be no thread, it takes longer.
            self.beside = Beside::new(self.first.clone()).ok();
        }
        match &self.beside {
            None => {
                self.first.update(&block[..count]);
                block
            }
            Some(beside) => match beside.waiting.send((block, count)) {
                Ok(()) => beside.hashed.try_recv().unwrap_or_else(|_| Self::block()),
                // It ended, which `finish` tells.
                Err(unsent) => unsent.0.0,
            },
        }
    }

    /// The SHA-256 of all blocks, 64 hexadecimal digits in lower case.
    ///
    /// # Errors
    /// When the thread failed.
    pub(super) fn finish(self) -> io::Result<String> {
        let hasher = match self.beside {
            None => self.first,
            Some(Beside { waiting, thread, .. }) => {
                drop(waiting);
                thread.join().map_err(|_| io::Error::other("hashing failed"))?
            }
        };
        Ok(hex(&hasher.finalize()))
    }
}

impl Beside {
    fn new(first: Sha256) -> io::Result<Beside> {
        let (waiting, next) = sync_channel::<(Block, usize)>(WAITING);
        let (give_back, hashed) = channel();
        let thread = thread::Builder::new().name("hash".to_owned()).spawn(move || {
            let mut hasher = first;
            for (block, count) in next {
                hasher.update(&block[..count]);
                // Nobody may need it any more.
                let _ = give_back.send(block);
            }
            hasher
        })?;
        Ok(Beside { waiting, hashed, thread })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_all_blocks_in_their_order() {
        let sizes: [&[usize]; 5] = [&[], &[5], &[BLOCK, 1], &[7, 0, BLOCK, 3], &[BLOCK; 20]];
        for sizes in sizes {
            let (mut hashing, mut whole, mut block) = (Hashing::default(), Sha256::new(), Hashing::block());
            for (number, &count) in sizes.iter().enumerate() {
                assert_eq!(block.len(), BLOCK);
                block[..count].iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 31 + number) as u8);
                whole.update(&block[..count]);
                block = hashing.add(block, count);
            }
            assert_eq!(hashing.finish().unwrap(), hex(&whole.finalize()), "{sizes:?}");
        }
    }
}
