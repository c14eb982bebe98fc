//! What happens in the folders of an installation, as the kernel tells it.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Instant;

use installation::Folders;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// A folder that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Exchange,
    Data,
    Spool,
    /// The archive or the refused folder.
    Kept,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) room: Room,
    pub(crate) name: String,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The name came to be there.
    Appeared,
    /// Bytes were written.
    Written,
    /// The name is no longer there.
    Gone,
}

/// Watches from when it is made.
#[derive(Debug)]
pub(crate) struct Watch {
    kernel: OwnedFd,
    rooms: Vec<(i32, Room)>,
    waiting: VecDeque<Event>,
}

impl Watch {
    /// Watches the folders of an installation.
    ///
    /// # Errors
    /// When a folder is not there, or the kernel gives no more watches.
    pub(crate) fn new(folders: &Folders) -> anyhow::Result<Watch> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let wanted = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE
            | WatchFlags::MODIFY;
        let rooms = [
            (&folders.exchange, Room::Exchange),
            (&folders.data, Room::Data),
            (&folders.spool(), Room::Spool),
            (&folders.archive, Room::Kept),
            (&folders.refused, Room::Kept),
        ]
        .into_iter()
        .map(|(folder, room)| Ok((inotify::add_watch(&kernel, folder, wanted)?, room)))
        .collect::<anyhow::Result<_>>()?;
        Ok(Watch { kernel, rooms, waiting: VecDeque::new() })
    }

    /// The next thing that happens; `None` when nothing does before `deadline`.
    ///
    /// # Errors
    /// When the kernel cannot be asked.
    pub(crate) fn next(&mut self, deadline: Instant) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now()))?;
            match poll(&mut [PollFd::new(&self.kernel, PollFlags::IN)], Some(&left)) {
                Ok(0) => return Ok(None),
                Ok(_) => self.read()?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn read(&mut self) -> anyhow::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.kernel, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let room = self.rooms.iter().find(|(watch, _)| *watch == event.wd()).map(|(_, room)| *room);
            let (Some(room), Some(name)) = (room, event.file_name()) else { continue };
            let what = match event.events() {
                is if is.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) => What::Appeared,
                is if is.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM) => What::Gone,
                _ => What::Written,
            };
            self.waiting.push_back(Event { room, name: name.to_string_lossy().into_owned(), what });
        }
    }
}
