//! Files, folders and links, and what a call does to them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use backupmon::domain::Digest;

use super::record::Op;

/// The number of a file, folder or link: it stays while names change.
pub type Id = usize;

#[derive(Debug, Clone)]
pub enum Node {
    File(Vec<u8>),
    Folder(BTreeMap<String, Id>),
    Link(String),
}

/// What lies below the folder of a server, but for what is not ours.
#[derive(Debug, Clone)]
pub struct Tree {
    nodes: BTreeMap<Id, Node>,
}

pub const ROOT: Id = 0;
const OURS: [&str; 3] = ["validated", "state", "site"];

impl Tree {
    pub fn of(root: &Path) -> Self {
        let mut tree = Self { nodes: BTreeMap::from([(ROOT, Node::Folder(BTreeMap::new()))]) };
        for folder in OURS.into_iter().filter(|folder| root.join(folder).is_dir()) {
            let id = tree.read(&root.join(folder));
            tree.name(ROOT, folder, Some(id));
        }
        tree
    }

    fn read(&mut self, path: &Path) -> Id {
        let kind = fs::symlink_metadata(path).unwrap().file_type();
        let node = if kind.is_symlink() {
            Node::Link(fs::read_link(path).unwrap().to_str().unwrap().to_owned())
        } else if kind.is_dir() {
            let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
            Node::Folder(
                entries
                    .map(|entry| (entry.file_name().into_string().unwrap(), self.read(&entry.path())))
                    .collect(),
            )
        } else {
            Node::File(fs::read(path).unwrap())
        };
        self.add(node)
    }

    /// The number that the next one gets.
    pub fn next_id(&self) -> Id {
        self.nodes.len()
    }

    fn add(&mut self, node: Node) -> Id {
        let id = self.next_id();
        self.nodes.insert(id, node);
        id
    }

    /// Something that has no name yet, empty as it is made: a name that reaches the disk never leads to nothing.
    pub fn expect(&mut self, id: Id, node: &Node) {
        self.nodes.entry(id).or_insert_with(|| node.clone());
    }

    fn name(&mut self, folder: Id, name: &str, node: Option<Id>) {
        if let Some(Node::Folder(entries)) = self.nodes.get_mut(&folder) {
            match node {
                Some(node) => entries.insert(name.to_owned(), node),
                None => entries.remove(name),
            };
        }
    }

    /// What has a path, relative to the root.
    pub fn find(&self, path: &Path) -> Option<Id> {
        path.iter().try_fold(ROOT, |at, name| match &self.nodes[&at] {
            Node::Folder(entries) => entries.get(name.to_str()?).copied(),
            Node::File(_) | Node::Link(_) => None,
        })
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Make { folder, name, id, node } => {
                self.expect(*id, node);
                self.name(*folder, name, Some(*id));
            }
            Op::Remove { folder, name } => self.name(*folder, name, None),
            Op::Move { from: (from, old), to: (to, new), node } => {
                self.name(*from, old, None);
                self.name(*to, new, Some(*node));
            }
            Op::Write { node, at, bytes } => {
                if let Some(Node::File(content)) = self.nodes.get_mut(node) {
                    content.resize(content.len().max(at + bytes.len()), 0);
                    content[*at..at + bytes.len()].copy_from_slice(bytes);
                }
            }
            Op::Cut { node, length } => {
                if let Some(Node::File(content)) = self.nodes.get_mut(node) {
                    content.resize(*length, 0);
                }
            }
            Op::Sync { .. } | Op::SyncAll | Op::Mail => {}
        }
    }

    /// Puts it in the place of what lies below the folder of a server.
    pub fn write(&self, root: &Path) {
        for folder in OURS {
            let _ = fs::remove_dir_all(root.join(folder));
        }
        self.put(ROOT, root);
    }

    fn put(&self, id: Id, path: &Path) {
        match self.nodes.get(&id) {
            Some(Node::File(bytes)) => fs::write(path, bytes).unwrap(),
            Some(Node::Link(target)) => symlink(target, path).unwrap(),
            Some(Node::Folder(entries)) => {
                fs::create_dir_all(path).unwrap();
                for (name, id) in entries {
                    self.put(*id, &path.join(name));
                }
            }
            None => panic!("{} is a name of nothing", path.display()),
        }
    }

    /// The same for the same names and bytes.
    pub fn digest(&self) -> String {
        let mut text = String::new();
        self.tell(ROOT, "", &mut text);
        Digest::of(text.as_bytes()).to_string()
    }

    fn tell(&self, id: Id, path: &str, text: &mut String) {
        match self.nodes.get(&id) {
            Some(Node::File(bytes)) => text.push_str(&format!("{path} {}\n", Digest::of(bytes))),
            Some(Node::Link(target)) => text.push_str(&format!("{path} -> {target}\n")),
            Some(Node::Folder(entries)) => {
                text.push_str(&format!("{path}/\n"));
                for (name, id) in entries {
                    self.tell(*id, &format!("{path}/{name}"), text);
                }
            }
            None => panic!("{path} is a name of nothing"),
        }
    }
}
