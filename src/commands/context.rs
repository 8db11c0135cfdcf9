//! What every command starts from: configuration, clock, state, and how to speak.

use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::watchdog::Pulse;
use crate::cli::Global;
use crate::clock::{Clock, FixedClock, SystemClock};
use crate::config::{ArchiveReports, Config, Environment};
use crate::domain::Time;
use crate::exit::Advise as _;
use crate::files::{self, Holder, Lock};
use crate::render::Language;
use crate::render::table::Style;
use crate::scan::reconcile::telling::began_again;
use crate::source::deposit::{DepositTree, FolderNames};
use crate::store::{KeptReports, Sqlite, Store, Unit};
use crate::vault::Vault;

pub struct Context {
    pub config: Config,
    pub clock: Box<dyn Clock>,
    /// Frozen when the command began; all decisions of the command are made at it.
    pub now: Time,
    /// `--now` was given: only a state that was created so is written.
    pub fixed_clock: bool,
    pub json: bool,
    pub verbose: u8,
    pub quiet: bool,
    /// Of the site.
    pub language: Language,
    /// For stdout.
    pub style: Style,
    /// Shows the watchdog that the work goes on.
    pub pulse: Pulse,
    /// Who is at the keyboard, for the record of changes.
    pub who: String,
}

const OWN_STATE_FOLDER: &str = "let backupmon's user own the folder of the state, or set `state` in [paths]";

/// The state, and whether what is done to it stays.
pub struct State {
    pub store: Sqlite,
    /// A copy in memory: nothing of it is kept.
    pub scratch: bool,
}

impl Context {
    /// `deposits` replaces the configured ones where it is not empty.
    ///
    /// # Errors
    /// When the configuration does not hold.
    pub fn new(global: &Global, deposits: &[PathBuf]) -> Result<Self> {
        let environment = Environment::of_process();
        let config = Config::load(global.config.as_deref(), deposits, &environment).or_usage()?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let language = language("site", &config.site.language)?;
        self::language("mail", config.message_language())?;
        let clock = clock(global);
        Ok(Self {
            now: clock.now(),
            clock,
            config,
            fixed_clock: global.now.is_some(),
            language,
            json: global.json,
            verbose: global.verbose,
            quiet: global.quiet,
            style: style(global.color, &environment),
            pulse: Pulse::default(),
            who: who(&environment),
        })
    }

    /// The state, for a command that changes it. Under `--now`, a state that was not created so is only copied.
    ///
    /// # Errors
    /// When it cannot be opened or created.
    pub fn state(&self, dry_run: bool) -> Result<State> {
        let path = &self.config.paths.state;
        if dry_run {
            let store = if self.has_state() {
                Sqlite::scratch_copy(path)
            } else {
                Sqlite::in_memory(self.now, self.fixed_clock)
            };
            return Ok(State { store: store?, scratch: true });
        }
        if self.is_pretended()? {
            return Ok(State { store: Sqlite::scratch_copy(path)?, scratch: true });
        }
        self.make_state_folder()?;
        let copy = if self.has_state() { None } else { super::state::begin_again(self)? };
        let mut store = Sqlite::open(path, self.now, self.fixed_clock)?;
        if let Some(copy) = copy {
            let known_until = store.meta()?.last_scan.map(|scan| scan.finished_at);
            let incidents = vec![began_again(&copy.display().to_string(), known_until, self.now)];
            store.commit(&Unit { incidents, ..Unit::default() })?;
            tracing::warn!(
                "the state `{}` was gone: it begins again from its copy `{}`, and what came since is taken over from the disk",
                path.display(),
                copy.display()
            );
        }
        Ok(State { store, scratch: false })
    }

    /// `--now` was given on a state that was not created under it: what would be said then is asked, nothing is done. Warns
    /// that it is so.
    ///
    /// # Errors
    /// When the state cannot be opened.
    pub fn is_pretended(&self) -> Result<bool> {
        let path = &self.config.paths.state;
        let pretended =
            self.fixed_clock && self.has_state() && !Sqlite::open_read_only(path)?.meta()?.fixed_clock;
        if pretended {
            tracing::warn!(
                "--now changes nothing on a state that was not created under it: this is a dry run"
            );
        }
        Ok(pretended)
    }

    /// A creation that was cut short, as by a full disk, leaves an empty file: there is no state yet.
    fn has_state(&self) -> bool {
        let file = std::fs::metadata(&self.config.paths.state);
        file.map_or_else(|error| error.kind() != ErrorKind::NotFound, |file| file.len() > 0)
    }

    /// The state as it is, for a command that only looks.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn reader(&self) -> Result<Sqlite> {
        Ok(Sqlite::open_read_only(&self.config.paths.state)?)
    }

    fn make_state_folder(&self) -> Result<PathBuf> {
        let folder = self.state_folder();
        files::create_dirs(&folder).hint(OWN_STATE_FOLDER)?;
        Ok(folder)
    }

    /// Where the lock, the kept reports and the copies of the state lie.
    #[must_use]
    pub fn state_folder(&self) -> PathBuf {
        self.config.paths.state.parent().unwrap_or(Path::new(".")).to_owned()
    }

    #[must_use]
    pub fn kept(&self) -> KeptReports {
        KeptReports::new(self.state_folder().join("reports"))
    }

    /// Takes the lock of this state; `None` when another run holds it and makes progress. What a killed run left is made
    /// durable first.
    ///
    /// # Errors
    /// When it cannot be taken, or whoever holds it makes no progress.
    pub fn lock(&self) -> Result<Option<Lock>> {
        let lock = self.lock_unsettled()?;
        if let Some(lock) = &lock {
            self.settle_or_warn(lock);
        }
        Ok(lock)
    }

    /// As [`settle`](Self::settle). Where it fails it stays for the next one: what a person wants done is not refused.
    pub fn settle_or_warn(&self, lock: &Lock) {
        if let Err(error) = self.settle(lock) {
            tracing::warn!("what a killed run left may be lost when the power fails: {error}");
        }
    }

    /// Makes durable what a killed run left: folders and names that it made and never synced, which all that follows
    /// takes for what is on the disk.
    ///
    /// # Errors
    /// When a file system cannot make all durable.
    pub fn settle(&self, lock: &Lock) -> files::Result<()> {
        let (state, paths) = (self.state_folder(), &self.config.paths);
        let moved = match self.config.scan.archive_reports {
            ArchiveReports::Move => &*paths.deposits,
            ArchiveReports::Keep => &[],
        };
        let moved = moved.iter().map(PathBuf::as_path);
        lock.settle(&[&*state, &paths.validated].into_iter().chain(moved).collect::<Vec<_>>())
    }

    /// As [`lock`](Self::lock), but nothing is made durable yet: on a dead mount that hangs, and so it is only for whom a
    /// watchdog guards, and for whom the versions are what he works with. The others leave it to the next one of these.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn lock_unsettled(&self) -> Result<Option<Lock>> {
        self.make_state_folder()?;
        let path = self.lock_file();
        if let Some(lock) = Lock::acquire(&path, self.clock.now()).hint(OWN_STATE_FOLDER)? {
            return Ok(Some(lock));
        }
        let Some(holder) = Lock::holder(&path)? else { return Ok(None) };
        // A run beats the lock at each file; a single large file may take as long as the run's own deadline.
        if holder.makes_progress(self.clock.now(), self.config.scan.deadline.delta()) {
            return Ok(None);
        }
        let pid = holder.pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string());
        Err(anyhow::anyhow!(
            "another run (process {pid}) holds the lock and has made no progress since {}",
            holder.last_beat
        ))
        .hint(format!("see what process {pid} waits for (a hung mount?) and end it; the lock ends with it"))
    }

    /// Who holds, or last held, the lock of this state.
    ///
    /// # Errors
    /// When the lock file cannot be read.
    pub fn lock_holder(&self) -> Result<Option<Holder>> {
        Ok(Lock::holder(&self.lock_file())?)
    }

    fn lock_file(&self) -> PathBuf {
        self.state_folder().join("lock")
    }

    #[must_use]
    pub fn source(&self) -> DepositTree {
        let scan = &self.config.scan;
        let names = FolderNames { log_dir: scan.log_dir.clone(), database_dirs: scan.database_dirs.clone() };
        DepositTree::new(self.config.paths.deposits.clone(), names)
    }

    /// # Errors
    /// When no deposit folder is known.
    pub fn want_deposits(&self) -> Result<()> {
        if self.config.paths.deposits.is_empty() {
            let missing: Result<()> = (|| bail!("no deposit folder is configured"))();
            return missing
                .hint("set `deposits` in [paths] of the configuration, or say `backupmon run --deposits DIR`")
                .or_usage();
        }
        Ok(())
    }

    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(self.config.paths.validated.clone())
    }

    /// A person at a terminal, or one who asks with -v, is told that all went well; cron mails whatever is printed.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.quiet && (self.style.width.is_some() || self.verbose > 0)
    }

    /// A time as people write it: RFC 3339, a local date, or a span from now (`forward`) or back from it.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn moment(&self, text: &str, forward: bool) -> Result<Time> {
        moment(text, self.now, self.config.server_timezone, forward)
    }
}

/// As [`Context::moment`], without a configuration.
///
/// # Errors
/// When it is no time.
pub fn moment(text: &str, now: Time, timezone: chrono_tz::Tz, forward: bool) -> Result<Time> {
    if let Ok(time) = text.parse::<chrono::DateTime<chrono::FixedOffset>>() {
        return Ok(time.to_utc());
    }
    if let Ok(span) = text.parse::<crate::domain::settings::Span>() {
        let then =
            if forward { now.checked_add_signed(span.delta()) } else { now.checked_sub_signed(span.delta()) };
        return then.with_context(|| format!("`{text}` is too long")).or_usage();
    }
    let local = text.parse::<chrono::NaiveDate>().ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    local
        .and_then(|midnight| crate::domain::schedule::local::instant(timezone, midnight))
        .with_context(|| {
            format!("`{text}` is no time; write `2026-01-31T08:00:00Z`, `2026-01-31` or a span like `3d`")
        })
        .or_usage()
}

/// The one that a section of the configuration names.
fn language(section: &str, code: &str) -> Result<Language> {
    let spoken = || Language::all().map(|one| format!("`{}`", one.code())).collect::<Vec<_>>().join(" or ");
    Language::from_code(code)
        .with_context(|| format!("`language` of [{section}]: `{code}` is not spoken"))
        .hint(format!("write {}", spoken()))
        .or_usage()
}

/// The machine's, or the one of `--now`.
#[must_use]
pub fn clock(global: &Global) -> Box<dyn Clock> {
    match global.now {
        Some(now) => Box::new(FixedClock::at(now)),
        None => Box::new(SystemClock::start()),
    }
}

/// What stdout is to look like.
#[must_use]
pub fn style(choice: clap::ColorChoice, environment: &Environment) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let color = match choice {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => {
            terminal && environment.var("NO_COLOR").is_none() && environment.var("TERM") != Some("dumb")
        }
    };
    let size = terminal.then(|| rustix::termios::tcgetwinsize(std::io::stdout()).ok()).flatten();
    Style { color, width: size.map(|size| size.ws_col).filter(|columns| *columns > 0) }
}

fn who(environment: &Environment) -> String {
    let user = ["SUDO_USER", "LOGNAME", "USER"].into_iter().find_map(|name| environment.var(name));
    user.map_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()), str::to_owned)
}
