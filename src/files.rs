//! The only module that changes the file system: atomic write, synced rename, lock.
