//! The SHA-256 of a file that is read block by block, made on a thread of its own while the next block is read. If a copy of it
//! is being written, that is read back there, too.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};

use super::read_back::ReadBack;
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
    first: Hasher,
    blocks: u64,
    beside: Option<Beside>,
    failure: Option<io::Error>,
}

#[derive(Debug, Clone, Default)]
struct Hasher {
    sha256: Sha256,
    read_back: Option<ReadBack>,
}

impl Hasher {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(read_back) = &mut self.read_back {
            read_back.written(bytes)?;
        }
        self.sha256.update(bytes);
        Ok(())
    }
}

/// The thread that hashes the blocks behind the first.
#[derive(Debug)]
struct Beside {
    waiting: SyncSender<(Block, usize)>,
    hashed: Receiver<Block>,
    thread: JoinHandle<io::Result<Hasher>>,
}

impl Hashing {
    /// Of blocks each of which is in the copy already when it is added.
    pub(super) fn of_copy(read_back: Option<ReadBack>) -> Hashing {
        Hashing { first: Hasher { sha256: Sha256::new(), read_back }, ..Hashing::default() }
    }

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
                if self.failure.is_none() {
                    self.failure = self.first.add(&block[..count]).err();
                }
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
    /// When the thread failed, or the copy did not read back as it was written.
    pub(super) fn finish(self) -> io::Result<String> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let hasher = match self.beside {
            None => self.first,
            Some(Beside { waiting, thread, .. }) => {
                drop(waiting);
                thread.join().map_err(|_| io::Error::other("hashing failed"))??
            }
        };
        Ok(hex(&hasher.sha256.finalize()))
    }
}

impl Beside {
    fn new(first: Hasher) -> io::Result<Beside> {
        let (waiting, next) = sync_channel::<(Block, usize)>(WAITING);
        let (give_back, hashed) = channel();
        let thread = thread::Builder::new().name("hash".to_owned()).spawn(move || {
            let mut hasher = first;
            for (block, count) in next {
                hasher.add(&block[..count])?;
                // Nobody may need it any more.
                let _ = give_back.send(block);
            }
            Ok(hasher)
        })?;
        Ok(Beside { waiting, hashed, thread })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

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

    #[test]
    fn a_copy_that_reads_back_as_it_was_written_has_a_hash_and_another_one_an_error() {
        for changed in [None, Some(0), Some(1), Some(4)] {
            let file = tempfile::tempfile().unwrap();
            let read_back = ReadBack::of(&file, 5 * BLOCK as u64);
            assert!(read_back.is_some());
            let (mut hashing, mut block) = (Hashing::of_copy(read_back), vec![7; BLOCK]);
            for number in 0..5 {
                file.write_all_at(&block, (number * BLOCK) as u64).unwrap();
                if changed == Some(number) {
                    file.write_all_at(b"x", ((number + 1) * BLOCK - 1) as u64).unwrap();
                }
                block = hashing.add(block, BLOCK);
                block.fill(number as u8);
            }
            let told = hashing.finish().map_err(|error| error.to_string());
            assert_eq!(told.is_ok(), changed.is_none(), "{changed:?}: {told:?}");
            assert!(told.is_ok() || told.is_err_and(|error| error.contains("the disk may be failing")));
        }
    }
}
