//! What a stolen agent may put into its folder. Each test ends with the honest agent unharmed (see [`Tree`]).

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use backupmon::source::deposit::{DepositTree, FolderNames};
use backupmon::source::{Fault, REPORT_LIMIT, Source};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::tree::{HONEST, HOSTILE, Tree, write};

fn agents(message: &str) -> Fault {
    Fault::Agents(message.to_owned())
}

#[test]
fn a_dump_or_report_that_is_a_link_is_never_followed() {
    let tree = Tree::new();
    for (target, link) in [
        (tree.outside(), "absolute.sql"),
        ("../../HONEST_SITE_A/databases/A_2026.sql.gz".into(), "relative.sql"),
        ("/proc/self/environ".into(), "proc.sql"),
        ("absent".into(), "dangling.sql"),
        ("loop.sql".into(), "loop.sql"),
    ] {
        symlink(target, tree.path(HOSTILE, "databases").join(link)).unwrap();
        assert_eq!(tree.staged_fault(link), Fault::WrongKind("a symbolic link"), "{link}");
    }
    symlink(tree.outside(), tree.path(HOSTILE, "log/x.json")).unwrap();
    assert_eq!(tree.listed(), [("x.json".to_owned(), Some(Fault::WrongKind("a symbolic link")))]);
    let read = tree.source.read_report(&tree.agent(HOSTILE), "x.json");
    assert_eq!(read.err(), Some(Fault::WrongKind("a symbolic link")));
    assert_eq!(tree.source.dumps(&tree.agent(HOSTILE)), Ok(Vec::new()));
}

#[test]
fn a_folder_that_is_a_link_to_another_agents_is_refused() {
    let tree = Tree::new();
    for name in ["log", "databases"] {
        fs::remove_dir(tree.path(HOSTILE, name)).unwrap();
        symlink(tree.path(HONEST, name), tree.path(HOSTILE, name)).unwrap();
    }
    let hostile = tree.agent(HOSTILE);
    let refused = agents("its folder `log` is a symbolic link");
    assert_eq!(tree.source.reports(&hostile).err(), Some(refused.clone()));
    assert_eq!(tree.source.read_report(&hostile, "2026-06-15_05-00-00.json").err(), Some(refused.clone()));
    assert_eq!(tree.source.log_mtime(&hostile), Err(refused));
    assert_eq!(tree.staged_fault("A_2026.sql.gz"), agents("its folder `databases` is a symbolic link"));
    // Its other databases folder still serves it.
    tree.write(HOSTILE, "database/own.sql", b"own");
    assert!(tree.source.look(&hostile, "own.sql").is_ok());
}

#[test]
fn an_agents_folder_that_is_a_link_is_found_and_refused() {
    let tree = Tree::new();
    symlink(tree.path(HONEST, "."), tree.root().join("LINKED")).unwrap();
    let linked = tree.agent("LINKED");
    assert!(tree.source.agents().agents.contains(&linked));
    assert_eq!(tree.source.reports(&linked).err(), Some(agents("the agent's folder is a symbolic link")));
    assert!(tree.source.look(&linked, "A_2026.sql.gz").is_err());
}

#[test]
fn nothing_but_a_regular_file_is_opened_and_nothing_makes_us_wait() {
    let tree = Tree::new();
    let mode = Mode::from_raw_mode(0o644);
    for folder in ["log", "databases"] {
        let at = tree.path(HOSTILE, folder);
        mknodat(CWD, at.join("fifo.json"), FileType::Fifo, mode, 0).unwrap();
        fs::create_dir(at.join("folder.json")).unwrap();
        drop(UnixListener::bind(at.join("socket.json")).unwrap());
    }
    let expected = [("fifo.json", "a FIFO"), ("folder.json", "a folder"), ("socket.json", "a socket")];
    for (file, kind) in expected {
        assert_eq!(tree.staged_fault(file), Fault::WrongKind(kind));
        let read = tree.source.read_report(&tree.agent(HOSTILE), file);
        assert_eq!(read.err(), Some(Fault::WrongKind(kind)));
    }
    let listed = expected.map(|(file, kind)| (file.to_owned(), Some(Fault::WrongKind(kind))));
    assert_eq!(tree.listed(), listed);
    assert_eq!(tree.source.dumps(&tree.agent(HOSTILE)), Ok(Vec::new()));
    let zero = tree.path(HOSTILE, "databases/zero");
    match mknodat(CWD, &zero, FileType::CharacterDevice, mode, rustix::fs::makedev(1, 5)) {
        Ok(()) => assert_eq!(tree.staged_fault("zero"), Fault::WrongKind("a device")),
        Err(error) => eprintln!("not tried with a device: {error}"),
    }
}

#[test]
fn a_report_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let tree = Tree::new();
    let limit = usize::try_from(REPORT_LIMIT).unwrap();
    tree.write(HOSTILE, "log/large.json", &vec![b' '; limit + 1024 * 1024]);
    tree.write(HOSTILE, "log/limit.json", &vec![b' '; limit]);
    let hostile = tree.agent(HOSTILE);
    let read = tree.source.read_report(&hostile, "large.json");
    assert_eq!(read.err(), Some(agents("it is larger than 16 MiB")));
    assert_eq!(tree.source.read_report(&hostile, "limit.json").unwrap().0.len(), limit);
}

#[test]
fn what_may_not_be_read_is_the_agents_fault() {
    let tree = Tree::new();
    let chmod = |path: &str, mode| {
        fs::set_permissions(tree.path(HOSTILE, path), fs::Permissions::from_mode(mode)).unwrap();
    };
    // The way down is open to all, whatever the umask.
    for path in ["../..", "..", ".", "../HONEST_SITE_A", "../HONEST_SITE_A/log", "log", "databases"] {
        chmod(path, 0o755);
    }
    tree.write(HOSTILE, "databases/x.sql", b"x");
    tree.write(HOSTILE, "log/x.json", b"{}");
    chmod("databases/x.sql", 0);
    chmod("log/x.json", 0);
    let hostile = tree.agent(HOSTILE);
    as_nobody(|| {
        assert!(tree.source.look(&hostile, "x.sql").is_ok(), "looking needs no right to read");
        assert_eq!(tree.source.open(&hostile, "x.sql").err(), Some(agents("permission denied")));
        assert_eq!(tree.source.read_report(&hostile, "x.json").err(), Some(agents("permission denied")));
    });
    chmod("log", 0);
    chmod("databases", 0);
    as_nobody(|| {
        let refused = agents("its folder `log` cannot be opened: permission denied");
        assert_eq!(tree.source.reports(&hostile).err(), Some(refused));
        assert_eq!(tree.source.open(&hostile, "x.sql").err(), Some(agents("permission denied")));
        assert!(tree.source.reports(&tree.agent(HONEST)).is_ok());
    });
    // So that the folder can be removed.
    chmod("log", 0o755);
    chmod("databases", 0o755);
}

/// Root may read everything, so where we are root a thread of its own gives that up.
fn as_nobody(check: impl FnOnce() + Send) {
    let give_up = || {
        if rustix::process::geteuid().is_root() {
            let nobody = rustix::process::Uid::from_raw(65_534);
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
    };
    std::thread::scope(|scope| {
        let checked = scope.spawn(|| {
            give_up();
            check();
        });
        checked.join().unwrap();
    });
}

#[test]
fn a_name_that_is_no_file_name_opens_nothing() {
    let tree = Tree::new();
    write(&tree.path(HOSTILE, "top.sql"), b"beside the databases folder");
    for name in
        ["", ".", "..", "../top.sql", "../../HONEST_SITE_A/databases/A_2026.sql.gz", "/etc/passwd", "a\0b"]
    {
        assert_eq!(tree.staged_fault(name), agents("its name is no file name"), "{name:?}");
        assert!(tree.source.read_report(&tree.agent(HOSTILE), name).is_err(), "{name:?}");
    }
    assert_eq!(tree.staged_fault(&"x".repeat(5000)), Fault::Absent);
}

#[test]
fn odd_names_are_names_all_the_same() {
    let tree = Tree::new();
    let names =
        ["a\nb.json", "\"quoted'.json", "😀 é.json", "_underscore.json", "X.JSON", "-rf.json", " .json"];
    for name in names {
        tree.write(HOSTILE, &format!("log/{name}"), name.as_bytes());
    }
    for ignored in
        ["log/.hidden.json", "log/.x.json.Ab12Cd", "log/x.json.part", "log/_archive/old.json", "log/json"]
    {
        tree.write(HOSTILE, ignored, b"{}");
    }
    fs::write(tree.path(HOSTILE, "log").join(OsStr::from_bytes(b"b\xff.json")), "{}").unwrap();
    let listed = tree.listed();
    for name in names {
        assert!(listed.contains(&(name.to_owned(), None)), "{name:?}");
        let (bytes, _) = tree.source.read_report(&tree.agent(HOSTILE), name).unwrap();
        assert_eq!(bytes, name.as_bytes());
    }
    assert!(listed.contains(&("b\\xff.json".to_owned(), Some(agents("its name is not UTF-8")))));
    assert_eq!(listed.len(), names.len() + 1);
}

#[test]
fn folders_of_a_root_are_agents_or_are_told() {
    let tree = Tree::new();
    for folder in ["_archive", ".snapshot", "line\nbreak", "HONEST_SITE_a", "é 😀"] {
        fs::create_dir(tree.root().join(folder)).unwrap();
    }
    fs::create_dir(tree.root().join(OsStr::from_bytes(b"caf\xe9"))).unwrap();
    write(&tree.root().join("README"), b"no agent");
    let found = tree.source.agents();
    let ids: Vec<&str> = found.agents.iter().map(|agent| agent.id.as_str()).collect();
    assert_eq!(ids, [HONEST, "HONEST_SITE_a", HOSTILE, "é 😀"]);
    assert_eq!(found.invalid, ["caf\\xe9", "line\\u{a}break"]);
}

#[test]
fn what_a_file_system_keeps_at_its_root_is_no_agent() {
    let tree = Tree::new();
    std::fs::create_dir(tree.root().join("lost+found")).unwrap();
    let found = tree.source.agents();
    assert!(found.invalid.is_empty());
    assert!(found.agents.iter().all(|agent| agent.id.as_str() != "lost+found"));
}

#[test]
fn roots_that_are_gone_and_names_under_two_roots_are_told() {
    let tree = Tree::new();
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join(HONEST)).unwrap();
    let file = other.path().join("file");
    fs::write(&file, "").unwrap();
    let absent = other.path().join("absent");
    let roots = vec![tree.root(), other.path().to_owned(), absent.clone(), file.clone()];
    let source = DepositTree::new(roots, FolderNames::default());
    let found = source.agents();
    assert_eq!(found.twice, [HONEST]);
    assert!(found.agents.contains(&tree.agent(HONEST)));
    assert_eq!(found.agents.len(), 2);
    assert_eq!(
        found.unreadable_roots,
        [(absent.clone(), Fault::Absent), (file, Fault::WrongKind("no folder"))]
    );
    // A root that is gone is not the doing of any of its agents.
    let mut agent = tree.agent(HONEST);
    agent.root = absent;
    assert!(matches!(source.reports(&agent), Err(Fault::Monitors(_))));
}

#[test]
fn a_flood_of_reports_costs_its_agent_the_oldest() {
    let tree = Tree::new();
    for n in 0..30 {
        tree.write(HOSTILE, &format!("log/{n:02}.json"), b"{}");
    }
    let source = DepositTree::new(vec![tree.root()], FolderNames::default()).with_file_limit(20);
    let listing = source.reports(&tree.agent(HOSTILE)).unwrap();
    assert!(listing.truncated);
    let names: Vec<String> = listing.files.into_iter().map(|report| report.file).collect();
    assert_eq!(names, (10..30).map(|n| format!("{n:02}.json")).collect::<Vec<_>>());
    assert!(!tree.source.reports(&tree.agent(HOSTILE)).unwrap().truncated);
}

#[test]
fn what_changes_is_seen_at_the_next_look() {
    let tree = Tree::new();
    let hostile = tree.agent(HOSTILE);
    tree.write(HOSTILE, "databases/x.sql", b"first");
    let first = tree.source.look(&hostile, "x.sql").unwrap();
    assert_eq!(tree.source.look(&hostile, "x.sql"), Ok(first));
    // While it is read it is replaced: the handle keeps the old bytes, a look says that it is another file.
    let mut open = tree.source.open(&hostile, "x.sql").unwrap();
    tree.write(HOSTILE, "databases/.x.sql.tmp", b"second");
    fs::rename(tree.path(HOSTILE, "databases/.x.sql.tmp"), tree.path(HOSTILE, "databases/x.sql")).unwrap();
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    assert_eq!(text, "first");
    assert_eq!(open.identity().unwrap().inode, first.inode);
    assert_ne!(tree.source.look(&hostile, "x.sql"), Ok(first));
    // It grows in place while it is open.
    tree.write(HOSTILE, "databases/x.sql", b"second and more");
    assert_eq!(tree.source.look(&hostile, "x.sql").unwrap().size, 15);
    // The folder itself is replaced, then everything is gone.
    fs::remove_dir_all(tree.path(HOSTILE, "databases")).unwrap();
    assert_eq!(tree.staged_fault("x.sql"), Fault::Absent);
    tree.write(HOSTILE, "database/x.sql", b"elsewhere");
    assert!(tree.source.look(&hostile, "x.sql").is_ok());
    fs::remove_dir_all(tree.root().join(HOSTILE)).unwrap();
    assert_eq!(tree.staged_fault("x.sql"), Fault::Absent);
    assert_eq!(tree.source.reports(&hostile).err(), Some(Fault::Absent));
}

#[test]
fn an_agent_without_a_log_folder_has_no_reports() {
    let tree = Tree::new();
    let hostile = tree.agent(HOSTILE);
    let mtime = tree.source.log_mtime(&hostile).unwrap();
    assert_eq!(tree.source.reports(&hostile).unwrap().log_mtime, mtime);
    assert!(mtime.is_some());
    fs::remove_dir(tree.path(HOSTILE, "log")).unwrap();
    let listing = tree.source.reports(&hostile).unwrap();
    assert!(listing.files.is_empty() && listing.log_mtime.is_none());
    assert_eq!(tree.source.log_mtime(&hostile), Ok(None));
    assert_eq!(tree.source.look_at_report(&hostile, "x.json"), Err(Fault::Absent));
}
