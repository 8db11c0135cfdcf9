//! File systems of their own: in a file behind a loop device, or in memory.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::fs::FlockOperation;
use tempfile::{NamedTempFile, TempDir};

use crate::story::MEMORY_FOLDER;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ext4,
    Xfs,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Ext4, Self::Xfs];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Ext4 => "ext4",
            Kind::Xfs => "xfs",
        }
    }

    /// The least that its `mkfs` takes, or somewhat more; the file is sparse.
    fn bytes(self) -> u64 {
        match self {
            Kind::Ext4 => 32 << 20,
            Kind::Xfs => 320 << 20,
        }
    }

    fn make(self, image: &Path) {
        let mut mkfs = Command::new(format!("mkfs.{}", self.name()));
        mkfs.args(match self {
            Kind::Ext4 => ["-q", "-F"],
            Kind::Xfs => ["-q", "-f"],
        });
        done(mkfs.arg(image));
    }
}

/// Held by whoever makes a space of mounts for itself: a disk that is also mounted there is not restarted by being mounted
/// again, but stays cut off. Planted bugs have such suites run side by side.
pub const SPACES: &str = "/dev/shm/backupmon-spaces-of-mounts";

/// A disk whose power can be cut.
pub struct Disk {
    point: TempDir,
    image: NamedTempFile,
}

impl Disk {
    pub fn make(kind: Kind) -> Self {
        let image = NamedTempFile::new_in(MEMORY_FOLDER).unwrap();
        image.as_file().set_len(kind.bytes()).unwrap();
        kind.make(image.path());
        let disk = Self { point: TempDir::new_in(MEMORY_FOLDER).unwrap(), image };
        disk.mount();
        disk
    }

    pub fn path(&self) -> &Path {
        self.point.path()
    }

    fn mount(&self) {
        done(Command::new("mount").args(["-o", "loop"]).arg(self.image.path()).arg(self.path()));
    }

    /// All that was written so far is durable.
    pub fn sync(&self) {
        rustix::fs::syncfs(fs::File::open(self.path()).unwrap()).unwrap();
    }

    /// What is not durable at this moment is lost.
    pub fn cut(&self) {
        done(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(self.path()));
    }

    /// Power is back: the journal is replayed.
    pub fn restart(&self) {
        let lock = File::options().create(true).append(true).open(SPACES).unwrap();
        rustix::fs::flock(&lock, FlockOperation::LockShared).unwrap();
        unmount(self.path());
        self.mount();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        unmount(self.path());
    }
}

/// What a file system that can be made too small is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Memory,
    /// In a file: it also needs room for its journal, its folders and what it has not written yet.
    Ext4,
}

/// A file system that can be made too small.
pub struct Small {
    folder: PathBuf,
    // After the folder is unmounted, which lies in it.
    image: Option<Image>,
}

impl Small {
    /// Over a folder, which is empty meanwhile.
    pub fn over(folder: &Path, ground: Ground) -> Self {
        fs::create_dir_all(folder).unwrap();
        let image = match ground {
            Ground::Memory => {
                let mut mount = Command::new("mount");
                done(mount.args(["-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs"]).arg(folder));
                None
            }
            Ground::Ext4 => {
                let image = Image::make();
                done(Command::new("mount").arg("--bind").arg(image.inner()).arg(folder));
                Some(image)
            }
        };
        Self { folder: folder.to_owned(), image }
    }

    /// Leaves so many free pages, or inodes.
    pub fn leave(&self, free: Room) {
        if let Some(image) = &self.image {
            return image.fill_but(free);
        }
        let has = rustix::fs::statvfs(&self.folder).unwrap();
        let option = match free {
            Room::Pages(pages) => {
                format!("size={}", (has.f_blocks - has.f_bfree + pages) * has.f_frsize)
            }
            Room::Inodes(inodes) => format!("nr_inodes={}", has.f_files - has.f_ffree + inodes),
        };
        self.remount(&option);
    }

    pub fn enlarge(&self) {
        match &self.image {
            Some(image) => image.empty(),
            None => self.remount("size=64m,nr_inodes=100000"),
        }
    }

    fn remount(&self, option: &str) {
        done(Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(&self.folder));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        unmount(&self.folder);
    }
}

/// An ext4 in a file. What fills it lies beside what is looked at.
struct Image {
    point: TempDir,
    _file: NamedTempFile,
}

impl Image {
    /// The size of a page, also where a small file system would have smaller ones.
    const BLOCK: &str = "4096";
    /// More than a server of this size needs, and few enough to be used up.
    const INODES: &str = "1024";

    fn make() -> Self {
        let file = NamedTempFile::new_in(MEMORY_FOLDER).unwrap();
        file.as_file().set_len(16 << 20).unwrap();
        let mut mkfs = Command::new("mkfs.ext4");
        done(mkfs.args(["-q", "-F", "-m", "0", "-b", Self::BLOCK, "-N", Self::INODES]).arg(file.path()));
        let point = TempDir::new_in(MEMORY_FOLDER).unwrap();
        done(Command::new("mount").args(["-o", "loop"]).arg(file.path()).arg(point.path()));
        let image = Self { point, _file: file };
        fs::create_dir(image.inner()).unwrap();
        fs::create_dir(image.ballast()).unwrap();
        image
    }

    fn inner(&self) -> PathBuf {
        self.point.path().join("inner")
    }

    fn ballast(&self) -> PathBuf {
        self.point.path().join("ballast")
    }

    fn fill_but(&self, free: Room) {
        // What was just removed is free only when the journal says so.
        rustix::fs::syncfs(fs::File::open(self.point.path()).unwrap()).unwrap();
        let has = rustix::fs::statvfs(self.point.path()).unwrap();
        match free {
            Room::Pages(pages) => {
                let bytes = has.f_bavail.saturating_sub(pages) * has.f_frsize;
                let file = fs::File::create(self.ballast().join("bytes")).unwrap();
                if bytes > 0 {
                    let flags = rustix::fs::FallocateFlags::empty();
                    rustix::fs::fallocate(file, flags, 0, bytes).unwrap();
                }
            }
            Room::Inodes(inodes) => {
                for n in inodes..has.f_ffree {
                    fs::File::create(self.ballast().join(n.to_string())).unwrap();
                }
            }
        }
    }

    fn empty(&self) {
        for file in fs::read_dir(self.ballast()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        unmount(self.point.path());
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Room {
    Pages(u64),
    Inodes(u64),
}

/// A child of another thread holds our handles until it has begun its own program, so a busy mount is tried again.
fn unmount(point: &Path) {
    const TRIES: usize = 500;
    let mut umount = Command::new("umount");
    umount.arg(point);
    for _ in 1..TRIES {
        if umount.output().is_ok_and(|output| output.status.success()) {
            return;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    done(&mut umount);
}

fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Why nothing can be mounted here.
pub fn missing() -> Option<String> {
    if !rustix::process::getuid().is_root() {
        return Some("only root can mount".to_owned());
    }
    let folder = TempDir::new().unwrap();
    let tried = Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(folder.path()).output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        return Some("nothing can be mounted here".to_owned());
    }
    unmount(folder.path());
    None
}

/// Why no disk can be made here.
pub fn no_disk() -> Option<String> {
    missing().or_else(crate::strace::missing).or_else(|| {
        for (program, package) in
            [("mkfs.ext4", "e2fsprogs"), ("mkfs.xfs", "xfsprogs"), ("xfs_io", "xfsprogs")]
        {
            if !is_there(program) {
                return Some(format!("{program} is not there (apt install {package})"));
            }
        }
        (!Path::new("/dev/loop-control").exists()).then(|| "there are no loop devices".to_owned())
    })
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .any(|folder| folder.join(OsStr::new(program)).is_file())
}
