//! The vault on real folders.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::*;
use crate::domain::version::VersionRecord;
use crate::domain::{AgentId, DatabaseName, Digest, JobKey, Time, Version, Warning};
use crate::intake::Quiet;

const MORNING: &str = "2025-06-20T08:37:35Z";
const EVENING: &str = "2025-06-20T20:00:00Z";

struct Tree {
    folder: tempfile::TempDir,
    vault: Vault,
}

fn tree() -> Tree {
    let folder = tempfile::tempdir().unwrap();
    Tree { vault: Vault::new(folder.path().join("validated")), folder }
}

fn key(agent: &str, database: &str) -> JobKey {
    JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() }
}

fn job() -> JobKey {
    key("SIRPACAM_DOUALA", "SDMC_2025")
}

fn record(time: &str, bytes: &[u8]) -> VersionRecord {
    let time: Time = time.parse().unwrap();
    VersionRecord {
        agent: String::new(),
        database: String::new(),
        version: String::new(),
        file_name: "SDMC_2025.sql.gz".into(),
        report: "r.json".into(),
        report_sha256: Digest::of(b"report"),
        report_time: time,
        promoted_at: time,
        sha256: Digest::of(bytes),
        size_bytes: bytes.len() as u64,
        content_bytes: None,
        kind: None,
        warnings: vec![Warning::SizeJump],
        message: "the SHA-256 agrees".into(),
        entry: serde_json::json!({"COMPRESS": {"size": "4"}}),
    }
}

fn draft(vault: &Vault, bytes: &[u8]) -> Draft {
    let mut draft = vault.begin(bytes.len() as u64).unwrap();
    draft.write_all(bytes).unwrap();
    draft
}

impl Tree {
    fn publish(&self, time: &str, bytes: &[u8], held: Option<&str>) -> Result<Published> {
        self.vault.publish(&job(), draft(&self.vault, bytes), &record(time, bytes), held)
    }

    fn good(&self, time: &str, bytes: &[u8]) -> String {
        self.publish(time, bytes, None).unwrap().record.version
    }

    fn dump(&self, name: &str) -> PathBuf {
        self.vault.version_folder(&job(), name).unwrap().join("SDMC_2025.sql.gz")
    }

    fn damage(&self, name: &str) {
        let dump = self.dump(name);
        fs::set_permissions(&dump, PermissionsExt::from_mode(0o640)).unwrap();
        let mut bytes = fs::read(&dump).unwrap();
        bytes[0] ^= 1;
        fs::write(&dump, bytes).unwrap();
    }

    fn health(&self, name: &str) -> Health {
        self.vault.verify(&job(), name, &Quiet).unwrap()
    }

    fn temps(&self) -> usize {
        fs::read_dir(self.vault.temp_folder()).map_or(0, Iterator::count)
    }

    fn lock(&self) -> Lock {
        let now = MORNING.parse().unwrap();
        Lock::acquire(&self.folder.path().join("lock"), now).unwrap().unwrap()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_published_version_can_be_checked_listed_and_restored_without_a_state() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    assert_eq!(name, format!("20250620T083735Z-{}", Digest::of(b"dump").short(8)));
    assert_eq!(tree.vault.current(&job()).unwrap(), None, "publishing does not switch");
    tree.vault.switch(&job(), &name).unwrap();

    let folder = tree.vault.root().join("SIRPACAM_DOUALA/SDMC_2025");
    assert_eq!(fs::read_link(folder.join("current_version")).unwrap(), Path::new("versions").join(&name));
    assert_eq!((mode(&folder), mode(&tree.dump(&name))), (0o750, 0o440));
    let check = Command::new("sha256sum")
        .args(["-c", "SHA256SUMS"])
        .current_dir(folder.join("current_version"))
        .output();
    assert!(check.unwrap().status.success());
    assert_eq!(tree.health(&name), Health::Whole);

    let found = Vault::new(tree.vault.root().to_owned()).list(&job()).unwrap();
    assert_eq!(found.foreign, []);
    let [version] = &found.versions[..] else { panic!("{found:?}") };
    assert_eq!((version.current, version.pinned, version.held), (true, false, false));
    assert_eq!((&version.key, &version.record.entry), (&job(), &record(MORNING, b"dump").entry));

    let to = tree.folder.path().join("out/here");
    let restored = tree.vault.restore(&job(), &name, &to, &Quiet).unwrap();
    assert_eq!((fs::read(&restored.path).unwrap(), restored.size_bytes), (b"dump".to_vec(), 4));
    assert!(matches!(tree.vault.restore(&job(), &name, &to, &Quiet), Err(VaultError::Exists(_))));
    assert_eq!((fs::read_dir(&to).unwrap().count(), tree.temps()), (1, 0));
}

#[test]
fn publishing_twice_is_the_same_as_once() {
    let tree = tree();
    let first = tree.publish(MORNING, b"dump", Some("size_drop")).unwrap();
    tree.vault.set_held(&job(), &first.record.version, None).unwrap();
    let second = tree.publish(MORNING, b"dump", Some("size_drop")).unwrap();
    assert_eq!((first.outcome, second.outcome), (Outcome::New, Outcome::AlreadyThere));
    assert!(first.held && !second.held, "what an operator accepted stays accepted");
    assert_eq!(first.record, second.record);
    assert_eq!((tree.vault.names(&job()).unwrap().len(), tree.temps()), (1, 0));
}

#[test]
fn a_damaged_version_is_noticed_and_replaced_with_its_marks() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    tree.vault.switch(&job(), &name).unwrap();
    tree.vault.set_pinned(&job(), &name, true).unwrap();
    tree.damage(&name);
    let Health::Damaged(reason) = tree.health(&name) else { panic!("a changed byte goes unnoticed") };
    assert!(reason.contains("SHA-256"), "{reason}");
    let to = tree.folder.path().join("out");
    assert!(matches!(tree.vault.restore(&job(), &name, &to, &Quiet), Err(VaultError::Damaged(..))));
    assert_eq!(fs::read_dir(&to).unwrap().count(), 0, "no damaged byte stays where it was restored to");

    let again = tree.publish(MORNING, b"dump", Some("size_drop")).unwrap();
    assert_eq!((again.outcome, again.held), (Outcome::Replaced, false), "the current version was not held");
    assert_eq!(tree.health(&name), Health::Whole);
    let found = tree.vault.list(&job()).unwrap().versions;
    assert!(found.len() == 1 && found[0].pinned && found[0].current, "{found:?}");
    assert_eq!(tree.temps(), 0);
}

#[test]
fn every_kind_of_damage_is_told_and_an_absent_version_is_absent() {
    type Harm = fn(&Tree, &str);
    let harms: [(&str, Harm); 6] = [
        ("is not there", |t, name| fs::remove_file(t.dump(name)).unwrap()),
        ("3 bytes instead of 4", |t, name| fs::write(t.dump(name), "dum").unwrap()),
        ("differs from its report.json", |t, name| {
            let line = sums::line(&Digest::of(b"other"), "SDMC_2025.sql.gz");
            fs::write(t.dump(name).with_file_name("SHA256SUMS"), line).unwrap();
        }),
        ("no SHA256SUMS", |t, name| fs::remove_file(t.dump(name).with_file_name("SHA256SUMS")).unwrap()),
        ("report.json cannot be read", |t, name| {
            fs::write(t.dump(name).with_file_name("report.json"), "{").unwrap();
        }),
        ("cannot be read", |t, name| {
            fs::remove_file(t.dump(name)).unwrap();
            symlink("/etc/passwd", t.dump(name)).unwrap();
        }),
    ];
    for (expected, harm) in harms {
        let tree = tree();
        let name = tree.good(MORNING, b"dump");
        harm(&tree, &name);
        assert!(
            matches!(tree.health(&name), Health::Damaged(reason) if reason.contains(expected)),
            "{expected}"
        );
        assert_eq!(tree.health("20250620T083735Z-00000000"), Health::Absent);
    }
}

#[test]
fn a_version_whose_record_is_lost_is_restored_by_its_sums() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    fs::write(tree.dump(&name).with_file_name("report.json"), "").unwrap();
    let restored = tree.vault.restore(&job(), &name, tree.folder.path(), &Quiet).unwrap();
    assert_eq!(fs::read(restored.path).unwrap(), b"dump");
}

#[test]
fn whole_bytes_are_never_replaced_by_others_of_the_same_name() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    // Two files whose SHA-256 begin alike, made by renaming a version and letting its record agree.
    let other = version_of_other_bytes_under(&tree, &name);
    let error = tree.publish(MORNING, b"dump", None).unwrap_err();
    assert!(matches!(error, VaultError::Occupied(_)), "{error}");
    assert_eq!(fs::read(tree.dump(&name)).unwrap(), other);
}

fn version_of_other_bytes_under(tree: &Tree, name: &str) -> &'static [u8] {
    let folder = tree.vault.version_folder(&job(), name).unwrap();
    files::remove_tree(&folder).unwrap();
    let other = tree.good(MORNING, b"other");
    fs::rename(folder.with_file_name(&other), &folder).unwrap();
    let text = fs::read_to_string(folder.join("report.json")).unwrap().replace(&other, name);
    fs::write(folder.join("report.json"), text).unwrap();
    assert_eq!(tree.health(name), Health::Whole);
    b"other"
}

#[test]
fn what_a_killed_run_left_is_removed_and_nothing_else() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    std::mem::forget(draft(&tree.vault, b"half"));
    let copies = tree.vault.own_folder().join("state-copy.db");
    fs::write(&copies, "x").unwrap();
    let leftover = tree.vault.temp_folder().join("unknown");
    fs::write(&leftover, "x").unwrap();
    assert_eq!(tree.vault.recover(&tree.lock()).unwrap().len(), 1);
    assert!(copies.exists() && leftover.exists());
    assert_eq!(tree.health(&name), Health::Whole);
    drop(draft(&tree.vault, b"unwanted"));
    assert_eq!(tree.temps(), 1, "a draft that is dropped vanishes by itself");
}

#[test]
fn the_current_and_the_pinned_version_are_not_removed_and_a_held_one_is_not_switched_to() {
    let tree = tree();
    let (old, new) = (tree.good(MORNING, b"old"), tree.good(EVENING, b"new"));
    tree.vault.switch(&job(), &new).unwrap();
    assert!(matches!(tree.vault.remove(&job(), &new), Err(VaultError::Current(_))));
    tree.vault.set_pinned(&job(), &old, true).unwrap();
    assert!(matches!(tree.vault.remove(&job(), &old), Err(VaultError::Pinned(_))));
    tree.vault.set_pinned(&job(), &old, false).unwrap();
    tree.vault.set_held(&job(), &old, Some("size_drop")).unwrap();
    assert!(matches!(tree.vault.switch(&job(), &old), Err(VaultError::Held(_))));
    assert!(matches!(tree.vault.switch(&job(), "20200101T000000Z-00000000"), Err(VaultError::Absent(_))));
    assert_eq!(tree.vault.current(&job()).unwrap(), Some(new.clone()));
    assert!(tree.vault.remove(&job(), &old).unwrap());
    assert!(!tree.vault.remove(&job(), &old).unwrap(), "it is gone already");
    assert_eq!((tree.vault.names(&job()).unwrap(), tree.temps()), (vec![new], 0));
}

#[test]
fn a_draft_that_lacks_bytes_is_not_published() {
    let tree = tree();
    let short = draft(&tree.vault, b"dum");
    let error = tree.vault.publish(&job(), short, &record(MORNING, b"dump"), None).unwrap_err();
    assert!(matches!(error, VaultError::ShortCopy { copied: 3, expected: 4 }));
    assert_eq!((tree.vault.names(&job()).unwrap().len(), tree.temps()), (0, 0));
}

#[test]
fn reserved_space_that_was_not_needed_is_given_back() {
    use std::os::unix::fs::MetadataExt;
    let tree = tree();
    let mut large = tree.vault.begin(8 * 1024 * 1024).unwrap();
    large.write_all(b"dump").unwrap();
    let name = tree.vault.publish(&job(), large, &record(MORNING, b"dump"), None).unwrap().record.version;
    let meta = fs::metadata(tree.dump(&name)).unwrap();
    assert_eq!(meta.len(), 4);
    assert!(meta.blocks() * 512 < 1024 * 1024, "{} blocks", meta.blocks());
}

#[test]
fn a_dump_may_have_any_name_and_hides_nothing_of_ours() {
    for (claimed, stored) in [
        ("report.json", "dump-report.json"),
        (".held", "dump-.held"),
        ("-", "-"),
        ("a\nb\\", "a\nb\\"),
        (".unnamed", "dump-.unnamed"),
    ] {
        let tree = tree();
        let record = VersionRecord { file_name: claimed.into(), ..record(MORNING, b"dump") };
        let published = tree.vault.publish(&job(), draft(&tree.vault, b"dump"), &record, None).unwrap();
        assert_eq!(published.record.file_name, stored);
        assert!(!published.held);
        assert_eq!(tree.health(&published.record.version), Health::Whole, "{claimed:?}");
        let folder = tree.vault.version_folder(&job(), &published.record.version).unwrap();
        let check =
            Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(&folder).output().unwrap();
        assert!(check.status.success(), "{claimed:?}");
    }
    let tree = tree();
    let record = VersionRecord { file_name: "../x".into(), ..record(MORNING, b"dump") };
    assert!(tree.vault.publish(&job(), draft(&tree.vault, b"dump"), &record, None).is_err());
}

#[test]
fn foreign_things_in_the_tree_are_reported_and_left_alone() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    let versions = tree.vault.root().join("SIRPACAM_DOUALA/SDMC_2025/versions");
    let root = tree.vault.root();
    fs::create_dir_all(versions.join("broken")).unwrap();
    fs::write(versions.join("broken/report.json"), "{").unwrap();
    fs::create_dir(versions.join("empty")).unwrap();
    fs::write(versions.join("file"), "").unwrap();
    symlink(&name, versions.join("link")).unwrap();
    fs::create_dir_all(root.join("OTHER/DB/versions")).unwrap();
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(versions.join(&name))
            .arg(root.join("OTHER/DB/versions"))
            .status()
            .unwrap()
            .success()
    );
    fs::write(root.join("note.txt"), "").unwrap();
    symlink("SIRPACAM_DOUALA", root.join("LINK")).unwrap();
    fs::create_dir(root.join("lost+found")).unwrap();
    fs::create_dir(root.join("OTHER/none")).unwrap();

    let listings: Vec<Listing> = tree.vault.all().unwrap().map(Result::unwrap).collect();
    let versions: Vec<_> = listings.iter().flat_map(|l| &l.versions).map(|v| &v.record.version).collect();
    assert_eq!(versions, [&name]);
    let foreign: Vec<_> = listings
        .iter()
        .flat_map(|l| &l.foreign)
        .map(|f| format!("{} {}", f.path.strip_prefix(root).unwrap().display(), f.reason))
        .collect();
    let expected = [
        "LINK it is not a folder".to_owned(),
        format!("OTHER/DB/versions/{name} its report.json speaks of SIRPACAM_DOUALA/SDMC_2025"),
        "SIRPACAM_DOUALA/SDMC_2025/versions/broken its report.json cannot be read: EOF".to_owned(),
        "SIRPACAM_DOUALA/SDMC_2025/versions/empty it has no report.json".to_owned(),
        "SIRPACAM_DOUALA/SDMC_2025/versions/file it is not a folder".to_owned(),
        "SIRPACAM_DOUALA/SDMC_2025/versions/link it is not a folder".to_owned(),
        "note.txt it is not a folder".to_owned(),
    ];
    assert_eq!(foreign.len(), expected.len(), "{foreign:#?}");
    for (found, expected) in foreign.iter().zip(&expected) {
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
    assert!(matches!(tree.vault.list(&key("LINK", "SDMC_2025")), Err(VaultError::NotAFolder { .. })));
}

#[test]
fn where_case_is_ignored_the_later_of_two_names_gets_its_own_folder() {
    let tree = tree();
    let vault = Vault {
        folders: layout::FolderNames::pretend_to_ignore_case(),
        ..Vault::new(tree.vault.root().into())
    };
    let publish = |key: &JobKey| {
        let record = record(MORNING, b"dump");
        let version = vault.publish(key, draft(&vault, b"dump"), &record, None).unwrap().record.version;
        vault.switch(key, &version).unwrap();
        vault.version_folder(key, &version).unwrap()
    };
    let (upper, lower) = (key("AGENT", "Db"), key("agent", "Db"));
    publish(&upper);
    // What such a file system shows under the second name: the folder of the first.
    copy_folder_as(vault.root(), "AGENT", "agent");
    let folder = publish(&lower);
    let expected = format!("agent~{}", Digest::of(b"agent").short(4));
    assert!(folder.starts_with(vault.root().join(expected)), "{folder:?}");
    assert_eq!(vault.list(&lower).unwrap().versions[0].key, lower);
    // Databases of one agent, by the same rule.
    copy_folder_as(&vault.root().join("AGENT"), "Db", "DB");
    let folder = publish(&key("AGENT", "DB"));
    assert!(
        folder.starts_with(vault.root().join(format!("AGENT/DB~{}", Digest::of(b"DB").short(4)))),
        "{folder:?}"
    );
    assert_eq!(vault.list(&upper).unwrap().versions.len(), 1);
    let own = publish(&key(".backupmon", "tmp"));
    assert!(!own.starts_with(vault.own_folder()), "{own:?}");
}

fn copy_folder_as(above: &Path, name: &str, other: &str) {
    assert!(
        Command::new("cp").arg("-r").arg(above.join(name)).arg(above.join(other)).status().unwrap().success()
    );
}

#[test]
fn links_in_the_tree_are_not_followed() {
    let tree = tree();
    let outside = tree.folder.path().join("outside");
    fs::create_dir_all(outside.join("versions/20250620T083735Z-00000000")).unwrap();
    fs::create_dir_all(tree.vault.root().join("SIRPACAM_DOUALA")).unwrap();
    symlink(&outside, tree.vault.root().join("SIRPACAM_DOUALA/SDMC_2025")).unwrap();
    assert!(matches!(
        tree.publish(MORNING, b"dump", None),
        Err(VaultError::NotAFolder { what: "a symbolic link", .. })
    ));
    assert!(tree.vault.remove(&job(), "20250620T083735Z-00000000").is_err());
    assert_eq!(fs::read_dir(outside.join("versions")).unwrap().count(), 1);
}

#[test]
fn an_odd_current_version_is_none() {
    let tree = tree();
    let name = tree.good(MORNING, b"dump");
    let link = tree.vault.root().join("SIRPACAM_DOUALA/SDMC_2025/current_version");
    for target in ["/etc", "versions", "versions/..", "versions/a/b", "elsewhere"] {
        symlink(target, &link).unwrap();
        assert_eq!(tree.vault.current(&job()).unwrap(), None, "{target}");
        fs::remove_file(&link).unwrap();
    }
    fs::write(&link, "").unwrap();
    assert_eq!(tree.vault.current(&job()).unwrap(), None);
    tree.vault.switch(&job(), &name).unwrap();
    assert_eq!(tree.vault.current(&job()).unwrap(), Some(name));
}

#[test]
fn an_empty_root_is_not_mounted_only_when_versions_are_known() {
    let tree = tree();
    assert_eq!(tree.vault.is_mounted(false).unwrap(), Mounted::Yes);
    assert_eq!(tree.vault.is_mounted(true).unwrap(), Mounted::AbsentOrEmpty);
    drop(tree.vault.begin(0).unwrap());
    fs::create_dir(tree.vault.root().join("lost+found")).unwrap();
    assert_eq!(tree.vault.is_mounted(true).unwrap(), Mounted::AbsentOrEmpty);
    tree.good(MORNING, b"dump");
    assert_eq!(tree.vault.is_mounted(true).unwrap(), Mounted::Yes);
}

#[test]
fn the_newest_good_version_is_neither_held_nor_damaged() {
    let version = |time: &str, held, damaged| Version {
        job: job().id(),
        name: time.into(),
        file_name: "x".into(),
        report_time: time.parse().unwrap(),
        promoted_at: EVENING.parse().unwrap(),
        sha256: Digest::of(b""),
        size_bytes: 0,
        content_bytes: None,
        warnings: vec![],
        pinned: false,
        held,
        damaged,
        verified_at: EVENING.parse().unwrap(),
    };
    let versions = [
        version("2025-06-02T00:00:00Z", false, false),
        version("2025-06-03T00:00:00Z", true, false),
        version("2025-06-04T00:00:00Z", false, true),
        version("2025-06-01T00:00:00Z", false, false),
    ];
    let until = "2025-06-02T00:00:00Z".parse().unwrap();
    assert_eq!(newest_good(&versions, until), Some(&versions[0]));
    assert_eq!(newest_good(&versions[1..3], until), None);
    let before = until - chrono::TimeDelta::seconds(1);
    assert_eq!(newest_good(&versions, before), Some(&versions[3]), "made by a clock that ran ahead");
    assert_eq!(newest_good(&versions[..3], before), Some(&versions[0]), "and better than none");
}

/// A small file system of its own, where this machine lets us mount one.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder.path());
        mount.output().is_ok_and(|out| out.status.success()).then(|| Self(folder))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a child that another test just starts may still hold a handle on it.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_version_untouched() {
    let Some(small) = Tmpfs::mount("4m") else {
        eprintln!("skipped a_full_disk_leaves_the_old_version_untouched: no tmpfs can be mounted here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let tree = Tree { folder, vault: Vault::new(small.0.path().join("validated")) };
    let old = tree.good(MORNING, b"dump");
    tree.vault.switch(&job(), &old).unwrap();
    let large = vec![7; 6 * 1024 * 1024];
    let error = tree.vault.begin(large.len() as u64).unwrap_err();
    assert!(error.is_disk_full(), "noticed before a byte is written: {error}");
    let ready = draft(&tree.vault, &[7; 4096]);
    let mut cut_off = tree.vault.begin(0).unwrap();
    assert!(cut_off.write_all(&large).is_err());
    let error = tree.vault.publish(&job(), cut_off, &record(EVENING, &large), None).unwrap_err();
    assert!(error.is_disk_full(), "the reason of the short copy is told: {error}");
    // Fill the disk to the last page: everything else that publishing needs must fail as cleanly.
    let filler = tree.vault.root().join("filler");
    assert!(fs::write(&filler, &large).is_err());
    assert!(tree.vault.set_held(&job(), &old, Some("reason")).unwrap_err().is_disk_full());
    let error = tree.vault.publish(&job(), ready, &record(EVENING, &[7; 4096]), None).unwrap_err();
    assert!(error.is_disk_full(), "{error}");
    assert_eq!((tree.health(&old), tree.temps()), (Health::Whole, 0));
    assert_eq!(tree.vault.current(&job()).unwrap(), Some(old.clone()));
    assert_eq!(tree.vault.names(&job()).unwrap(), [old]);
}
