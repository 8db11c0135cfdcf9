//! Things that are no regular file, in every place where a file or a folder is looked for.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use super::Case;
use crate::ground::{CANARY, Ground, HONEST, HOSTILE};

/// What is put there. A link leads to something that would serve well if it were followed.
#[derive(Clone, Copy)]
enum Object {
    LinkOutside,
    LinkRelative,
    LinkThroughProc,
    LinkToProc,
    LinkDangling,
    LinkLoop,
    LinkBeside,
    Fifo,
    Socket,
    Zero,
    Full,
    Block,
    WrongKind,
}

const OBJECTS: [(&str, Object); 13] = [
    ("a link to a file of the server", Object::LinkOutside),
    ("a relative link to another agent's", Object::LinkRelative),
    ("a link through /proc/self/root", Object::LinkThroughProc),
    ("a link to /proc/self/environ or /proc/self/fd", Object::LinkToProc),
    ("a link to nothing", Object::LinkDangling),
    ("a link to itself", Object::LinkLoop),
    ("a link to its own neighbour", Object::LinkBeside),
    ("a FIFO", Object::Fifo),
    ("a socket", Object::Socket),
    ("a device without end", Object::Zero),
    ("a device that fails", Object::Full),
    ("a block device", Object::Block),
    ("a folder for a file, or a file for a folder", Object::WrongKind),
];

/// Where it is put.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Dump,
    Report,
    Databases,
    Log,
    Agent,
}

impl Place {
    const ALL: [(&'static str, Self); 5] = [
        ("a dump", Self::Dump),
        ("a report", Self::Report),
        ("the folder of dumps", Self::Databases),
        ("the folder of reports", Self::Log),
        ("the agent's folder", Self::Agent),
    ];

    /// In the agent's folder.
    fn path(self) -> &'static str {
        match self {
            Self::Dump => "databases/DB.bin",
            Self::Report => "log/bad.json",
            Self::Databases => "databases",
            Self::Log => "log",
            Self::Agent => "",
        }
    }

    fn is_folder(self) -> bool {
        matches!(self, Self::Databases | Self::Log | Self::Agent)
    }
}

/// What comes of it. A root may hold files that are no agents: only a link among them could be meant to be one.
fn expected(object: Object, place: Place) -> &'static [&'static str] {
    let is_link = matches!(
        object,
        Object::LinkOutside
            | Object::LinkRelative
            | Object::LinkThroughProc
            | Object::LinkToProc
            | Object::LinkDangling
            | Object::LinkLoop
            | Object::LinkBeside
    );
    match place {
        Place::Dump => &["DB: FAILED not_a_regular_file"],
        Place::Report => &["report_unreadable"],
        Place::Databases => &["DB: FAILED file_unreadable"],
        Place::Log => &["deposit_unreadable"],
        Place::Agent if is_link => &["deposit_unreadable"],
        Place::Agent => &[],
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (object_name, object) in OBJECTS {
        for (place_name, place) in Place::ALL {
            let act = move |ground: &Ground<'_>| {
                // Whatever a link leads to, its bytes are what the report says.
                if matches!(place, Place::Dump | Place::Databases) {
                    ground.claims(CANARY.as_bytes());
                }
                let path = ground.path(place.path().trim_end_matches('/'));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                put(ground, object, place, Path::new(path.to_str().unwrap().trim_end_matches('/')));
            };
            cases.push(Case::new(format!("{object_name} as {place_name}"), expected(object, place), act));
        }
    }
    cases
}

fn put(ground: &Ground<'_>, object: Object, place: Place, path: &Path) {
    let node = |kind, device| {
        let made = mknodat(CWD, path, kind, Mode::from_raw_mode(0o644), device);
        if let Err(error) = made {
            // Without root there are no devices; a FIFO meets the same rule.
            eprintln!("skipped: a device ({error}); a FIFO stands for it");
            mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
        }
    };
    match object {
        Object::LinkOutside => symlink(server_file(ground, place), path).unwrap(),
        Object::LinkRelative => symlink(relative(place), path).unwrap(),
        Object::LinkThroughProc => {
            let target = server_file(ground, place);
            symlink(Path::new("/proc/self/root").join(target.strip_prefix("/").unwrap()), path).unwrap();
        }
        Object::LinkToProc if place.is_folder() => symlink("/proc/self/fd", path).unwrap(),
        Object::LinkToProc => symlink("/proc/self/environ", path).unwrap(),
        Object::LinkDangling => symlink("/nonexistent/x", path).unwrap(),
        Object::LinkLoop => symlink(path.file_name().unwrap(), path).unwrap(),
        Object::LinkBeside => beside(ground, place, path),
        Object::Fifo => node(FileType::Fifo, 0),
        Object::Socket => socket(path),
        Object::Zero => node(FileType::CharacterDevice, makedev(1, 5)),
        Object::Full => node(FileType::CharacterDevice, makedev(1, 7)),
        Object::Block => node(FileType::BlockDevice, makedev(7, 0)),
        Object::WrongKind if place.is_folder() => fs::write(path, CANARY).unwrap(),
        Object::WrongKind => fs::create_dir(path).unwrap(),
    }
}

/// What would do in this place, outside of the deposits.
fn server_file(ground: &Ground<'_>, place: Place) -> PathBuf {
    ground.outside(match place {
        Place::Dump => "secret",
        Place::Report => "log/x.json",
        Place::Databases => "databases",
        Place::Log => "log",
        Place::Agent => "",
    })
}

fn relative(place: Place) -> String {
    match place {
        Place::Dump => format!("../../{HONEST}/databases/GOOD.bin"),
        Place::Report => format!("../../{HONEST}/log/2020-06-15_08-00-00.json"),
        Place::Databases => format!("../{HONEST}/databases"),
        Place::Log => format!("../{HONEST}/log"),
        Place::Agent => HONEST.to_owned(),
    }
}

/// Even what lies in the agent's own folder is not reached by a link.
fn beside(ground: &Ground<'_>, place: Place, path: &Path) {
    match place {
        Place::Dump => drop(ground.dump("REAL.bin", CANARY)),
        Place::Report => drop(ground.file("log/real.txt", Ground::good_report(""))),
        Place::Databases => drop(ground.file("real/DB.bin", CANARY)),
        Place::Log => drop(ground.file("real/x.json", Ground::good_report(""))),
        Place::Agent => {
            drop(ground.site.place(&format!("deposits/_{HOSTILE}/log/x.json"), Ground::good_report("")));
        }
    }
    let target = match place {
        Place::Dump => "REAL.bin".to_owned(),
        Place::Report => "real.txt".to_owned(),
        Place::Databases | Place::Log => "real".to_owned(),
        Place::Agent => format!("_{HOSTILE}"),
    };
    symlink(target, path).unwrap();
}

/// Its path is longer than an address may be, so it is made by a short name.
fn socket(path: &Path) {
    let short = tempfile::tempdir().unwrap();
    let link = short.path().join("s");
    symlink(path.parent().unwrap(), &link).unwrap();
    drop(UnixListener::bind(link.join(path.file_name().unwrap())).unwrap());
}
