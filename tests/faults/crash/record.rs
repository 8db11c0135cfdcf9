//! What a run did to the disk, read from what `strace` saw of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::tree::{Id, Node, Tree};
use crate::checker::Accepted;

/// A call that changes names or bytes, makes them durable, or ends a mail.
#[derive(Debug, Clone)]
pub enum Op {
    Make {
        folder: Id,
        name: String,
        id: Id,
        node: Node,
    },
    Remove {
        folder: Id,
        name: String,
    },
    Move {
        from: (Id, String),
        to: (Id, String),
        node: Id,
    },
    Write {
        node: Id,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        node: Id,
        length: usize,
    },
    Sync {
        node: Id,
    },
    /// Of the whole file system.
    SyncAll,
    Mail,
}

impl Op {
    pub fn is_of_names(&self) -> bool {
        matches!(self, Op::Make { .. } | Op::Remove { .. } | Op::Move { .. })
    }

    /// The file or the folders that it changes: a sync of one of them makes it durable. A move is one step of every
    /// journal.
    pub fn objects(&self) -> Vec<Id> {
        match self {
            Op::Make { folder, .. } | Op::Remove { folder, .. } => vec![*folder],
            Op::Move { from, to, .. } => vec![from.0, to.0],
            Op::Write { node, .. } | Op::Cut { node, .. } => vec![*node],
            Op::Sync { .. } | Op::SyncAll | Op::Mail => vec![],
        }
    }
}

pub struct Recording {
    pub before: Tree,
    pub ops: Vec<Op>,
    /// Of each call the later one that made it durable; the end where none did.
    pub synced_at: Vec<usize>,
    /// Of each run its first call.
    pub begins: Vec<usize>,
    accepted: Vec<Accepted>,
    mails_before: usize,
}

impl Recording {
    /// `logs` of runs one after the other.
    pub fn of(logs: &[&str], root: &Path, mut before: Tree, accepted: &[Accepted]) -> Self {
        let mut reader = Reader {
            root,
            live: before.clone(),
            ops: Vec::new(),
            positions: HashMap::new(),
            synced_logs: HashSet::new(),
            new_log: None,
        };
        let mut begins = Vec::new();
        for log in logs {
            begins.push(reader.ops.len());
            // Handles end with their process.
            reader.positions.clear();
            for line in whole_lines(log) {
                reader.take(&line);
            }
        }
        let ops = reader.ops;
        for op in &ops {
            if let Op::Make { id, node, .. } = op {
                before.expect(*id, node);
            }
        }
        let mails = ops.iter().filter(|op| matches!(op, Op::Mail)).count();
        assert!(ops.len() > 50 && mails > 0, "the recording has {} calls and {mails} mails", ops.len());
        let mails_before = accepted.len() - mails;
        let synced_at = synced_at(&ops);
        Self { before, ops, synced_at, begins, accepted: accepted.to_vec(), mails_before }
    }

    /// The mails that a server had taken after so many calls.
    pub fn accepted_after(&self, prefix: usize) -> Vec<Accepted> {
        let mails = self.ops[..prefix].iter().filter(|op| matches!(op, Op::Mail)).count();
        self.accepted[..self.mails_before + mails].to_vec()
    }
}

fn synced_at(ops: &[Op]) -> Vec<usize> {
    let mut next: HashMap<Id, usize> = HashMap::new();
    let mut next_of_all = usize::MAX;
    let mut synced_at = vec![usize::MAX; ops.len()];
    for (at, op) in ops.iter().enumerate().rev() {
        match op {
            Op::Sync { node } => drop(next.insert(*node, at)),
            Op::SyncAll => next_of_all = at,
            _ => {}
        }
        let of_objects = op.objects().into_iter().filter_map(|object| next.get(&object).copied()).min();
        synced_at[at] = of_objects.map_or(next_of_all, |next| next.min(next_of_all));
    }
    synced_at
}

/// `CALL(ARGUMENTS) = RESULT`, without the thread; a call that was interrupted by another thread's is put together.
fn whole_lines(log: &str) -> Vec<String> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut lines = Vec::new();
    for line in log.lines() {
        let (thread, rest) = line.split_once(char::is_whitespace).unwrap();
        let rest = rest.trim_start();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            begun.insert(thread, begin);
        } else if let Some((_, end)) =
            rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>"))
        {
            lines.push(format!("{}{end}", begun.remove(thread).unwrap_or_default()));
        } else {
            lines.push(rest.to_owned());
        }
    }
    lines
}

struct Reader<'r> {
    root: &'r Path,
    live: Tree,
    ops: Vec<Op>,
    /// Where the next write to a handle goes.
    positions: HashMap<String, usize>,
    /// Logs of the state that were synced, and the one that was for the first time just now: its folder's is next.
    synced_logs: HashSet<Id>,
    new_log: Option<PathBuf>,
}

impl Reader<'_> {
    fn take(&mut self, line: &str) {
        let Some((call, rest)) = line.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return };
        // A call in which its process was killed was not done.
        if result.trim_start().starts_with(['-', '?']) {
            return;
        }
        let arguments = Arguments::of(arguments);
        // None: it is about nothing of ours.
        let _ = self.understand(call, &arguments, result);
    }

    fn understand(&mut self, call: &str, arguments: &Arguments, result: &str) -> Option<()> {
        match call {
            "openat" => {
                self.positions.insert(handle(result).to_owned(), 0);
                let flags = arguments.words.get(2)?;
                let path = self.ours(&arguments.path(0, 1)?)?;
                match self.live.find(&path) {
                    None if flags.contains("O_CREAT") => self.make(&path, Node::File(Vec::new()))?,
                    Some(node) if flags.contains("O_TRUNC") => self.did(Op::Cut { node, length: 0 }),
                    _ => {}
                }
            }
            "mkdir" => {
                self.make(&self.ours(&arguments.path_alone(0)?)?, Node::Folder(BTreeMap::default()))?;
            }
            "symlink" => {
                let target = String::from_utf8(arguments.bytes(0)?).ok()?;
                self.make(&self.ours(&arguments.path_alone(1)?)?, Node::Link(target))?;
            }
            "unlink" | "rmdir" => self.remove(&self.ours(&arguments.path_alone(0)?)?)?,
            "unlinkat" => self.remove(&self.ours(&arguments.path(0, 1)?)?)?,
            "rename" => {
                let (from, to) = (arguments.path_alone(0)?, arguments.path_alone(1)?);
                self.rename(&self.ours(&from)?, &self.ours(&to)?)?;
            }
            "renameat" | "renameat2" => {
                let (from, to) = (arguments.path(0, 1)?, arguments.path(2, 3)?);
                assert!(
                    !arguments.words.iter().any(|word| word.contains("EXCHANGE")),
                    "an exchange is not replayed"
                );
                self.rename(&self.ours(&from)?, &self.ours(&to)?)?;
            }
            "write" | "sendto" | "pwrite64" => self.write(call, arguments, result)?,
            "lseek" => {
                let handle = handle(arguments.words.first()?).to_owned();
                self.positions.insert(handle, result.trim().parse().ok()?);
            }
            "ftruncate" => {
                let node = self.node(arguments)?;
                self.did(Op::Cut { node, length: arguments.words.get(1)?.parse().ok()? });
            }
            "syncfs" => {
                // One of our folders: what the story lies on is one file system.
                self.node(arguments)?;
                self.did(Op::SyncAll);
            }
            "fsync" | "fdatasync" => {
                let node = self.node(arguments)?;
                let path = arguments.handle_path(0)?;
                let new_log = self.new_log.take();
                let is_unasked = new_log.is_some_and(|log| log.parent() == Some(&*path));
                // Whether this one worked SQLite does not ask, so nothing may rest on it.
                if !is_unasked {
                    self.did(Op::Sync { node });
                }
                if is_log_of_state(&path) && self.synced_logs.insert(node) {
                    self.new_log = Some(path);
                }
            }
            _ => {}
        }
        Some(())
    }

    fn write(&mut self, call: &str, arguments: &Arguments, result: &str) -> Option<()> {
        let bytes = arguments.bytes(1)?;
        let written: usize = result.split_whitespace().next()?.parse().ok()?;
        let first = arguments.words.first()?;
        if first.contains("<TCP") || first.contains("socket") {
            if bytes.ends_with(b"\r\n.\r\n") {
                self.ops.push(Op::Mail);
            }
            return None;
        }
        let node = self.node(arguments)?;
        let at = if call == "pwrite64" {
            arguments.words.get(3)?.parse().ok()?
        } else {
            let position = self.positions.entry(handle(first).to_owned()).or_default();
            *position += written;
            *position - written
        };
        self.did(Op::Write { node, at, bytes: bytes[..written].to_vec() });
        Some(())
    }

    /// Below the folder of the server, and kept by it: the index of the state's log is made anew after a crash.
    fn ours(&self, path: &Path) -> Option<PathBuf> {
        let path = path.strip_prefix(self.root).ok()?.to_owned();
        (!path.to_string_lossy().ends_with("-shm")).then_some(path)
    }

    fn node(&self, arguments: &Arguments) -> Option<Id> {
        self.live.find(&self.ours(&arguments.handle_path(0)?)?)
    }

    fn place(&self, path: &Path) -> Option<(Id, String)> {
        Some((self.live.find(path.parent()?)?, path.file_name()?.to_str()?.to_owned()))
    }

    fn make(&mut self, path: &Path, node: Node) -> Option<()> {
        let ((folder, name), id) = (self.place(path)?, self.live.next_id());
        self.did(Op::Make { folder, name, id, node });
        Some(())
    }

    fn remove(&mut self, path: &Path) -> Option<()> {
        let (folder, name) = self.place(path)?;
        self.did(Op::Remove { folder, name });
        Some(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Option<()> {
        let node = self.live.find(from)?;
        self.did(Op::Move { from: self.place(from)?, to: self.place(to)?, node });
        Some(())
    }

    fn did(&mut self, op: Op) {
        self.live.apply(&op);
        self.ops.push(op);
    }
}

/// After the first sync of a new log `SQLite` syncs the folder too, and ignores whether it could.
pub fn is_log_of_state(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with("-wal") || name.ends_with("-journal")
}

/// The number before the path that `strace` adds.
fn handle(text: &str) -> &str {
    text.split('<').next().unwrap_or(text).trim()
}

/// What stands between the brackets. Strings are written in hex, so that nothing in them looks like a comma.
struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    fn of(text: &str) -> Self {
        let text = text.trim_end().strip_suffix(')').unwrap_or(text);
        Self { words: text.split(", ").map(str::to_owned).collect() }
    }

    fn bytes(&self, at: usize) -> Option<Vec<u8>> {
        let text = self.words.get(at)?.trim_matches('"');
        Some(unescape(text))
    }

    fn path_alone(&self, at: usize) -> Option<PathBuf> {
        Some(PathBuf::from(String::from_utf8(self.bytes(at)?).ok()?))
    }

    /// A path relative to a handle.
    fn path(&self, handle: usize, at: usize) -> Option<PathBuf> {
        let path = self.path_alone(at)?;
        Some(if path.is_absolute() { path } else { self.handle_path(handle)?.join(path) })
    }

    fn handle_path(&self, at: usize) -> Option<PathBuf> {
        let word = self.words.get(at)?;
        let path = word.split_once('<')?.1.strip_suffix('>')?;
        Some(PathBuf::from(String::from_utf8(unescape(path)).ok()?))
    }
}

/// `\x2f` is one byte; what is not escaped stands for itself.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        if let [b'\\', b'x', high, low, after @ ..] = rest {
            let digits = [*high, *low];
            let byte = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(byte.unwrap_or_default());
            rest = after;
        } else {
            bytes.push(*first);
            rest = &rest[1..];
        }
    }
    bytes
}
