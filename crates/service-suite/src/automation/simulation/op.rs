//! The calls of the ERP system, and of other programs, into the exchange folder.

use super::world::Inside;
use crate::exchange::claim::parse_claimed_name;
use crate::exchange::place::FileTime;

/// One call of the ERP system into the folder. `slot` names one of its open files.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Opens a file for writing, making it when there is none; `truncate` empties it.
    Open {
        slot: u32,
        name: String,
        truncate: bool,
    },
    /// Makes a file that has no name yet.
    Unnamed {
        slot: u32,
    },
    /// Opens what has this name, or was taken from it, for writing; and writes nothing.
    Peek {
        slot: u32,
        name: String,
    },
    Append {
        slot: u32,
        bytes: Vec<u8>,
    },
    /// Writes over what is there.
    Overwrite {
        slot: u32,
        offset: usize,
        bytes: Vec<u8>,
    },
    /// Cuts the file.
    Truncate {
        slot: u32,
        length: usize,
    },
    SetTime {
        slot: u32,
        seconds: i64,
    },
    Link {
        slot: u32,
        name: String,
    },
    Close {
        slot: u32,
    },
    Rename {
        from: String,
        to: String,
    },
    Remove {
        name: String,
    },
}

impl Op {
    pub(super) fn happen(self, world: &mut Inside) {
        world.tell(|| format!("    the ERP system: {}", self.words()));
        let open = |world: &Inside, slot: u32| world.slots.get(&slot).map(|(inode, _)| *inode);
        match self {
            Op::Open { slot, name, truncate } => {
                let inode = world.files.open(&name);
                world.files.hold(inode);
                if truncate {
                    world.files.write(inode, Vec::clear);
                }
                world.slots.insert(slot, (inode, true));
            }
            Op::Unnamed { slot } => {
                let inode = world.files.create();
                world.files.hold(inode);
                world.slots.insert(slot, (inode, true));
            }
            Op::Peek { slot, name } => {
                let is_it = |found: &&String| {
                    **found == name || parse_claimed_name(found).is_some_and(|claim| claim.original == name)
                };
                if let Some(inode) =
                    world.files.names.keys().find(is_it).map(|found| world.files.names[found])
                {
                    world.files.hold(inode);
                    world.slots.insert(slot, (inode, true));
                }
            }
            Op::Append { slot, bytes } => {
                if let Some(inode) = open(world, slot) {
                    world.files.write(inode, |content| content.extend_from_slice(&bytes));
                }
            }
            Op::Overwrite { slot, offset, bytes } => {
                if let Some(inode) = open(world, slot) {
                    world.files.write(inode, |content| {
                        content.resize(content.len().max(offset + bytes.len()), 0);
                        content[offset..offset + bytes.len()].copy_from_slice(&bytes);
                    });
                }
            }
            Op::Truncate { slot, length } => {
                if let Some(inode) = open(world, slot) {
                    world.files.write(inode, |content| content.truncate(length));
                }
            }
            Op::SetTime { slot, seconds } => {
                if let Some(inode) = open(world, slot) {
                    world.files.set_modified(inode, FileTime { seconds, nanoseconds: 0 });
                }
            }
            Op::Link { slot, name } => {
                if let Some(inode) = open(world, slot).filter(|_| !world.files.names.contains_key(&name)) {
                    world.files.link(inode, &name);
                }
            }
            Op::Close { slot } => {
                if let Some((inode, _)) = world.slots.remove(&slot) {
                    world.files.release(inode);
                }
            }
            Op::Rename { from, to } => world.files.rename(&from, &to, true),
            Op::Remove { name } => world.files.unlink(&name, true),
        }
    }

    fn words(&self) -> String {
        match self {
            Op::Append { slot, bytes } => {
                format!("appends {:?} ({slot})", String::from_utf8_lossy(bytes))
            }
            Op::Overwrite { slot, offset, bytes } => {
                format!("writes {:?} at {offset} ({slot})", String::from_utf8_lossy(bytes))
            }
            other => format!("{other:?}"),
        }
    }
}
