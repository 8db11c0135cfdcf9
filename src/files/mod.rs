//! The only module that changes the file system: atomic write, synced rename, lock.
//!
//! Every error names its action and its path. Files get mode 0640 and folders 0750, whatever the umask is.
//! A file appears under its final name only whole: it is written under a temporary name `.tmp-PID-N` in a folder of
//! the same file system, fsynced and renamed. A failed fsync is final: the kernel may have dropped the bytes and
//! forgotten the error, so the temporary file is thrown away and never fsynced again.
//!
//! Links are the caller's matter: these functions are for our own folders, in which nobody else writes. The two that take
//! handles (`…_at`) are for folders of agents.

#![expect(clippy::disallowed_methods, reason = "this is the module that changes the file system")]

mod at;
mod error;
mod folder;
mod lock;
mod new_file;
mod read;
mod space;
mod temp;
mod write;

pub use at::{make_folder_at, rename_noreplace_at};
pub use error::{Context, FileError, Result, shown};
pub use folder::{
    create_dirs, is_temp_name, remove_empty_dir, remove_file, remove_temp_files, remove_temps, remove_tree,
    rename, rename_noreplace, swap_symlink, sync_dir,
};
pub use lock::{FolderLock, Holder, Lock};
pub use new_file::{Access, NewFile};
pub use read::{check_end, ended_early, open_regular, read_limited};
pub use space::{Space, free_space};
pub use temp::{TempDir, TempFile};
pub use write::{
    put_new, replace_if_changed, stream_if_changed, write_atomic, write_atomic_from, write_if_changed,
    write_new,
};
