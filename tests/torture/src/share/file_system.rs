//! The file system that plays the network mount: it passes every call through to a folder, into which the "server's" own
//! programs write directly, and behaves as the scenario says. One folder, files only.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    InitFlags, KernelConfig, LockOwner, OpenAccMode, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate,
    ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request,
    TimeOrNow, WriteFlags,
};
use rustix::fs::{CWD, renameat_with};

use super::behaviour::{Behaviour, Call, Weather};
use super::nodes::{Nodes, attributes};

/// The kernel keeps nothing: what is believed, and for how long, is decided here.
const ASK_ALWAYS: Duration = Duration::ZERO;

/// What a mounted share and its scenario have in common.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) behaviour: Behaviour,
    pub(super) weather: Weather,
    pub(super) nodes: Mutex<Nodes>,
}

impl Client {
    pub(super) fn nodes(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file system of one mount.
#[derive(Debug)]
pub(super) struct Share {
    backing: PathBuf,
    client: Arc<Client>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    files: HashMap<u64, File>,
    next: u64,
}

impl Share {
    pub(super) fn new(backing: &Path, client: Arc<Client>) -> Self {
        Self { backing: backing.to_owned(), client, open: Mutex::default() }
    }

    fn behaviour(&self) -> &Behaviour {
        &self.client.behaviour
    }

    fn meet(&self, call: Call, name: &OsStr) -> Result<(), Errno> {
        self.client.weather.meet(call, name)
    }

    fn name(&self, number: INodeNo) -> OsString {
        self.client.nodes().name(number.0)
    }

    fn keep_open(&self, file: File) -> FileHandle {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.next += 1;
        let handle = open.next;
        open.files.insert(handle, file);
        FileHandle(handle)
    }

    fn opened(&self, handle: FileHandle) -> Result<File, Errno> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(open.files.get(&handle.0).ok_or(Errno::EBADF)?.try_clone()?)
    }

    fn look_up(&self, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Errno> {
        self.meet(Call::Lookup, name)?;
        if parent != INodeNo::ROOT {
            return Err(Errno::ENOTDIR);
        }
        self.client.nodes().look_up(name, self.behaviour())
    }

    fn attributes(&self, number: INodeNo) -> Result<FileAttr, Errno> {
        self.meet(Call::Attributes, &self.name(number))?;
        if number == INodeNo::ROOT {
            return Ok(attributes(INodeNo::ROOT, &std::fs::metadata(&self.backing)?, self.behaviour()));
        }
        self.client.nodes().attributes(number.0, false, self.behaviour())
    }

    fn open_file(&self, number: INodeNo, flags: OpenFlags) -> Result<FileHandle, Errno> {
        self.meet(Call::Open, &self.name(number))?;
        let mut nodes = self.client.nodes();
        nodes.attributes(number.0, self.behaviour().open_asks, self.behaviour())?;
        let (file, name) = nodes.file(number.0)?;
        let file = match flags.acc_mode() {
            OpenAccMode::O_RDONLY => file,
            _ => OpenOptions::new().read(true).write(true).open(self.backing.join(name))?,
        };
        Ok(self.keep_open(file))
    }

    fn read_file(
        &self,
        number: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
    ) -> Result<Vec<u8>, Errno> {
        self.meet(Call::Read, &self.name(number))?;
        let file = self.opened(handle)?;
        let mut size = u64::from(size);
        let mut nodes = self.client.nodes();
        // A file that the server no longer has cannot be read, whoever has it open here.
        nodes.file(number.0)?;
        if std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0 {
            return Err(Errno::ESTALE);
        }
        if self.behaviour().old_data {
            let believed = nodes.attributes(number.0, false, self.behaviour())?;
            size = size.min(believed.size.saturating_sub(offset));
        }
        drop(nodes);
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        let count = file.read_at(&mut bytes, offset)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn rename_file(&self, from: &OsStr, to: &OsStr, flags: RenameFlags) -> Result<(), Errno> {
        self.meet(Call::Rename, from)?;
        let exclusive = flags.contains(RenameFlags::RENAME_NOREPLACE) && self.behaviour().exclusive_rename;
        if !(flags.is_empty() || exclusive) {
            return Err(Errno::EINVAL);
        }
        let mut nodes = self.client.nodes();
        let real = nodes.real_name(from, self.behaviour());
        let flags = rustix::fs::RenameFlags::from_bits_retain(flags.bits());
        renameat_with(CWD, self.backing.join(&real), CWD, self.backing.join(to), flags)
            .map_err(std::io::Error::from)?;
        nodes.renamed(&real, to);
        let answer = self.lose_answer();
        // Without the answer the client goes on believing what it believed; told that there is no such file, it asks anew.
        if answer.is_ok() {
            nodes.removed(to);
        }
        if answer.is_ok() || answer.as_ref().is_err_and(|error| error.code() == libc::ENOENT) {
            nodes.removed(&real);
            nodes.removed(from);
        }
        answer
    }

    fn remove_file(&self, name: &OsStr) -> Result<(), Errno> {
        self.meet(Call::Remove, name)?;
        let mut nodes = self.client.nodes();
        std::fs::remove_file(self.backing.join(nodes.real_name(name, self.behaviour())))?;
        nodes.removed(name);
        self.lose_answer()
    }

    fn lose_answer(&self) -> Result<(), Errno> {
        self.behaviour().answers_lost.map_or(Ok(()), Err)
    }

    fn create_file(&self, name: &OsStr, mode: u32, flags: i32) -> Result<(FileAttr, FileHandle), Errno> {
        self.meet(Call::Other, name)?;
        let real = self.client.nodes().real_name(name, self.behaviour());
        let flags = rustix::fs::OFlags::from_bits_retain(flags as u32);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .create_new(flags.contains(rustix::fs::OFlags::EXCL))
            .truncate(flags.contains(rustix::fs::OFlags::TRUNC))
            .mode(mode & 0o7777)
            .open(self.backing.join(real))?;
        let mut nodes = self.client.nodes();
        nodes.removed(name);
        let believed = nodes.look_up(name, self.behaviour())?;
        Ok((believed, self.keep_open(file)))
    }

    fn set(&self, number: INodeNo, mode: Option<u32>, size: Option<u64>) -> Result<FileAttr, Errno> {
        let name = self.name(number);
        self.meet(Call::Other, &name)?;
        if number == INodeNo::ROOT {
            return Err(Errno::EPERM);
        }
        let mut nodes = self.client.nodes();
        let path = self.backing.join(nodes.file(number.0)?.1);
        if let Some(mode) = mode {
            std::fs::set_permissions(&path, Permissions::from_mode(mode & 0o7777))?;
        }
        if let Some(size) = size {
            OpenOptions::new().write(true).open(&path)?.set_len(size)?;
        }
        nodes.attributes(number.0, true, self.behaviour())
    }

    fn list(&self) -> Result<Vec<(INodeNo, FileType, OsString)>, Errno> {
        self.meet(Call::Other, OsStr::new(""))?;
        let folder = |name: &str| (INodeNo::ROOT, FileType::Directory, OsString::from(name));
        let mut entries = vec![folder("."), folder("..")];
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.backing)? {
            names.push(entry?.file_name());
        }
        names.sort();
        // The kernel ignores these numbers; 0 would hide an entry.
        entries.extend(names.into_iter().map(|name| (INodeNo(u64::MAX), FileType::RegularFile, name)));
        Ok(entries)
    }
}

/// Answers with nothing but done or failed.
fn answer(reply: ReplyEmpty, result: Result<(), Errno>) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

/// What the kernel asks. The arguments are the protocol's.
#[allow(clippy::too_many_arguments)]
impl Filesystem for Share {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
        // So that one call that hangs does not make the kernel keep back others of the same folder. A kernel without
        // it keeps them back; the scenario that looks at it tells.
        let _ = config.add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS);
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.look_up(parent, name) {
            Ok(attr) => reply.entry(&ASK_ALWAYS, &attr, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn forget(&self, _: &Request, number: INodeNo, times: u64) {
        self.client.nodes().forget(number.0, times);
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(number) {
            Ok(attr) => reply.attr(&ASK_ALWAYS, &attr),
            Err(error) => reply.error(error),
        }
    }
    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        match self.set(number, mode, size) {
            Ok(attr) => reply.attr(&ASK_ALWAYS, &attr),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, number: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        match self.open_file(number, flags) {
            // Past the kernel's own cache, so that what is read is what this file system answers.
            Ok(handle) => reply.opened(handle, FopenFlags::FOPEN_DIRECT_IO),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.read_file(number, handle, offset, size) {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        handle: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.meet(Call::Other, &self.name(number)).and_then(|()| {
            let count = self.opened(handle)?.write_at(data, offset)?;
            Ok(u32::try_from(count).unwrap_or_default())
        });
        match written {
            Ok(count) => reply.written(count),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).files.remove(&handle.0);
        reply.ok();
    }

    fn fsync(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        answer(reply, self.meet(Call::Other, &self.name(number)));
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let known = if self.behaviour().folder_fsync { Ok(()) } else { Err(Errno::EINVAL) };
        answer(reply, self.meet(Call::Other, OsStr::new("")).and(known));
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.meet(Call::Open, OsStr::new("")) {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(&self, _: &Request, _: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        match self.list() {
            Ok(entries) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                for (position, (number, kind, name)) in entries.into_iter().enumerate().skip(from) {
                    if reply.add(number, position as u64 + 1, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(error) => reply.error(error),
        }
    }

    fn create(
        &self,
        _: &Request,
        _: INodeNo,
        name: &OsStr,
        mode: u32,
        _: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        match self.create_file(name, mode, flags) {
            Ok((attr, handle)) => {
                reply.created(&ASK_ALWAYS, &attr, Generation(0), handle, FopenFlags::FOPEN_DIRECT_IO);
            }
            Err(error) => reply.error(error),
        }
    }

    fn unlink(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.remove_file(name));
    }

    fn rename(
        &self,
        _: &Request,
        _: INodeNo,
        from: &OsStr,
        _: INodeNo,
        to: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        answer(reply, self.rename_file(from, to, flags));
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        const BLOCKS: u64 = 1 << 20;
        let blocks = if self.behaviour().no_room_told { 0 } else { BLOCKS };
        reply.statfs(blocks, blocks, blocks, blocks, blocks, 4096, 255, 4096);
    }
}
