### English. One message per phrase; `{ $n }` counts, and chooses the form by the plural rules of the language (CLDR).
### A new language is a copy of this file in another tongue, and one line in src/render/words/language.rs.

## How numbers, sizes, spans and times are written.

decimal-mark = .
thousands-mark = ,
unit-byte = B
unit-kilo = kB
unit-mega = MB
unit-giga = GB
unit-tera = TB
unit-peta = PB
unit-minute = min
unit-hour = h
unit-day = d
# A number and its unit.
measure = { $number } { $unit }
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
# How the first day of a month is written.
first-of-month = 1
date = { $weekday } { $day } { $month } { $year }
# `date` is the phrase above.
date-and-time = { $date }, { $time }
# Between the clauses of a sentence.
between-clauses = { "; " }
ago = { $span } ago

## Pages.

never = never
none = none
overview = Overview
alerts = Alerts
agents = Agents
skip = Skip to content
written = Written
reload = Reload
new-figures = New figures are ready.
no-script = JavaScript is off: this page cannot say by itself when it has become too old. Look at the time at which it was written. Everything else is complete.
no-script-timeless = JavaScript is off, so this page cannot say how old it is and stays grey. The overview shows when the site was written. Everything else is complete.
times-are = Times are in { $timezone }
same-as-json = The same data as JSON

## Staleness, for the browser.

stale-heading = We cannot say if the backups are safe
stale-text = This site stopped updating { $span } ago. Do not trust the figures below. Check on the server that cron or the timer still runs backupmon: backupmon doctor
unknown-since = Unknown since { $time }
stamp-missing = The file data/stamp.js cannot be read, so nobody can say how old this page is.
clock-ahead = This page is dated in the future: the clock of this computer or of the server is wrong, so the ages shown are not reliable.
not-yet-known = Looking for the time of the last scan. Until it is found, this page is not known to be fresh.

## Verdict.

safe = { $n ->
    [one] The one backup is safe
   *[other] All { $n } backups are safe
}
running-late = No backup is at risk, { $n } running late
at-risk = { $n ->
    [one] { $n } of { $total } backups is at risk
   *[other] { $n } of { $total } backups are at risk
}
safe-so-far = { $n ->
    [one] { $n } of { $total } backups is verified so far, and none is at risk
   *[other] { $n } of { $total } backups are verified so far, and none is at risk
}
agents-trouble = No backup has failed or is missing, but something else needs attention
worth-a-look = No backup is at risk, { $n } worth a look
cannot-say = We cannot say if the backups are safe
no-jobs = No backup is expected: there is no job that is watched, so nothing was checked.
no-scan = No scan has come to its end yet, so nothing is known.
old-scan = The last scan came to its end at { $time }. Nothing newer is known.
nothing-judged = Not one of the expected backups has been judged yet.
verified = { $n ->
    [one] { $n } has a verified copy.
   *[other] { $n } have a verified copy.
}
unkept = { $n ->
    [one] { $n } was verified when it came, but is not kept.
   *[other] { $n } were verified when they came, but are not kept.
}
none-kept = { $n ->
    [one] { $n } of { $total } backups was verified and is not kept
   *[other] { $n } of { $total } backups were verified and are not kept
}
late = { $n ->
    [one] { $n } is late, before its deadline.
   *[other] { $n } are late, before their deadline.
}
pending = { $n ->
    [one] { $n } is not yet due for the first time.
   *[other] { $n } are not yet due for the first time.
}
paused = { $n ->
    [one] { $n } more is paused on purpose: not late, not missing.
   *[other] { $n } more are paused on purpose: not late, not missing.
}
years-over = { $n ->
    [one] { $n } more is missing because its year is over; it is in no count of what is at risk. Retire it.
   *[other] { $n } more are missing because their year is over; they are in no count of what is at risk. Retire them.
}
year-over-mark = year over
all-covered = Every one of those at risk still has an older good copy; the oldest is { $span } old.
no-copy = { $n ->
    [one] { $n } has no good copy at all.
   *[other] { $n } have no good copy at all.
}
undelivered = { $n ->
    [one] { $n } message has reached nobody yet; run backupmon notify and look at its error.
   *[other] { $n } messages have reached nobody yet; run backupmon notify and look at its error.
}
unwatched = Nobody watches backupmon itself: set [heartbeat] url, or let Nagios call backupmon check.
assumed = { $n ->
    [one] { $n } schedule is assumed; backupmon jobs suggest derives the real one.
   *[other] { $n } schedules are assumed; backupmon jobs suggest derives the real ones.
}
on-trial = { $n ->
    [one] { $n } job is on trial; its absence is not yet an alarm.
   *[other] { $n } jobs are on trial; their absence is not yet an alarm.
}
backlog = Files wait to be read: the oldest for { $span }.
# The backup server's own part of the overview.
server-heading = The backup server
space-kept = Versions kept
space-need = at most { $size } when every rule is full
space-free = Free for versions
space-of = of { $size }
space-full = Space is full
space-full-about = about { $day }
# `size` is what is added each day.
space-growth = at the present growth of { $size } a day
space-full-never = not in sight
space-full-never-text = all that the rules keep has room
space-full-standstill-text = nothing grows at present
space-notice = The space for versions is full about { $day } at the present growth: give it room, or keep less. See backupmon doctor.
newcomer = { $old } has fallen silent, and { $new }, which is new, brings { $n } of its { $total } databases. If it is the same site: { $command }
orphans = { $n ->
    [one] { $n } removed job still has versions ({ $size }); they are never deleted. To watch it again: { $command }
   *[other] { $n } removed jobs still have versions ({ $size }); they are never deleted. To watch the first again: { $command }
}

## Restore ladder.

ladder-heading = If you had to restore now
ladder-text = Age of the last good copy, per job, as of { $time }
ladder-day = under 24 h
ladder-two-days = 1 to 2 days
ladder-week = 2 to 7 days
ladder-older = over 7 days
ladder-never = none
as-planned = as planned
schedule-assumed = schedule assumed ({ $n })
overdue = overdue ({ $n })

## Attention.

attention = Needs attention now
causes = { $n ->
    [one] { $n } cause
   *[other] { $n } causes
}
jobs = { $n ->
    [one] { $n } job
   *[other] { $n } jobs
}
agents-n = { $n ->
    [one] { $n } agent
   *[other] { $n } agents
}
all-clear = Nothing needs you.
more-on-alerts = { $n } more on the page Alerts
more-causes = { $n ->
    [one] One more cause is not listed here. All of them:
   *[other] { $n } more causes are not listed here. All of them:
}
since = Since
last-good = Last good copy
oldest-good = Oldest last good copy
do-next = Do next:
contact = Contact
acknowledged = Acknowledged by { $who }
acknowledged-until = Acknowledged by { $who } until { $time }
paused-until = Paused by { $who } until { $time }
paused-for-good = Paused by { $who } without an end
with-reason = { $said }: { $why }
look-heading = Worth a look
server = backupmon's server

## Lists.

all-jobs = All jobs
all-agents = All agents
search = Search job, site or city
any-status = Any status
shown = { $n } of { $total } shown
no-match = Nothing matches.
status = Status
job = Job
agent = Agent
size = Size
next-due = Next due
version = Current version
no-label = No company
last-report = Last report
first-seen = First seen
calm-agents = { $n ->
    [one] { $n } calm agent
   *[other] { $n } calm agents
}
calm-left-out = Calm agents are left out here.
list-of-agents = List of all agents

## Job page.

deadline = Missing from
schedule = Schedule and retention
setting = Setting
value = Value
set-by = Set by
set-by-job = the job itself
set-by-rule = rule { $n }
set-by-nobody = nobody: the default
integrity = Integrity
expected-hash = SHA-256 in the agent's report
computed-hash = SHA-256 computed here
hashes-equal = Both agree.
hashes-equal-inside = The agent's is that of the decompressed content, and agrees.
hashes-differ = They differ.
not-given = not given
not-computed = not computed
restore-line = If you had to restore now, you would get the copy of { $time }.
no-restore-line = There is no good copy to restore.
unkept-line = The backup of { $time } was verified when it came, but no whole copy of it is kept.
history = History
versions = Versions
kept-by = Kept by
sentence = What happened
report = Report
judged = Judged
superseded = superseded
verifying = verifying
held = held
pinned = pinned
damaged = damaged
chip-damaged = Damaged
trial = on trial
# Beside a status: nobody is told of the job, or nobody is reminded of what is wrong.
muted = no messages
acknowledged-mark = acknowledged
# `until` is one of the phrases below.
maintenance-until = Nothing is expected during maintenance, until { $time }
maintenance = Nothing is expected during maintenance
muted-line = Nobody is told of it meanwhile; what is still bad at the end is told then.
assumed-word = assumed
current = current
verified-at = Verified
goes = goes at the next run
note = Note: { $said }
warnings = Warnings: { $said }
site-title = Backups
last-change = Data last changed

## Alerts page.

open-now = Open now
running-late-heading = Running late, no alert yet
resolved-heading = Resolved in the last 30 days
resolved = Resolved
opened = Opened
lasted = Lasted
kind = Kind

## What happened, and what to do.

silent-agent = Nothing has arrived from this agent in time: all { $n } of its jobs are missing. One cause.
silent-agents = { $n } agents fell silent within two hours: { $names }. One cause is likely.
held-together = { $n } jobs of this agent were held in one scan: possible encryption or data loss at the site. { $said }
same-cause = { $n } jobs of this agent fail in the same way. For example { $job }: { $said }
not-kept-together = { $n } verified backups could not be kept. One cause is likely. For example: { $said }
do-silent = check power, internet link and that the backup service runs at the site; then
do-missing-alone = the agent is there and reports, but not this database: look why its backup does not run any more; then
do-missing = check that the site is online and that its backup ran; then
do-failed = mend at the site what the message says; history:
do-integrity = ask the site to send the file again; details:
do-corrupt = ask the site for a new dump, and look why this one is not whole; details:
do-held = find out if the data was changed on purpose; if so, accept it:
do-agent = look at the agent's folder and reports:
do-server = look at the server:
do-years = retire them, or look why they stopped if they should not have:
do-retired = expect it again, or have the site stop it:
ask-contact = ask { $who };

## Statuses.

status-pending = Pending
status-success = Success
status-unchanged = Unchanged
status-late = Late
status-failed = Failed
status-hash-mismatch = Hash mismatch
status-corrupt = Corrupt
status-missing = Missing
status-paused = Paused
status-retired = Retired

## The month, strips and charts.

day = { $day } { $month }
today = today
percent = { $number }%
n-of-total = { $n } of { $total }
strip = Last 30 days: { $said }
strip-several = { $n ->
    [one] Last 30 days: { $n } of { $total } expected backups came and is good
   *[other] Last 30 days: { $n } of { $total } expected backups came and are good
}
mark-nothing = Nothing judged
mark-integrity = Integrity failed
mark-held = Held
month-heading = Last 30 days
month-text = Backups that are missing or bad, per day
month-expected = { $n ->
    [one] of { $n } expected backup came and is good.
   *[other] of { $n } expected backups came and are good.
}
month-clean = { $n ->
    [one] { $n } day without any trouble
   *[other] { $n } days without any trouble
}
day-bad = { $day }: { $n } of { $total } missing or bad
means-heading = What the marks mean
means-text = In the strips of 30 days calm is low and trouble is tall, so that they read without colour.
means-good = It came, and its bytes are those that the agent reports.
means-unchanged = As Success, and the same bytes as the one before.
means-late = It is due, and not yet missing; or it came after its deadline.
means-missing = No report came before the deadline.
means-failed = The agent reports a failure, or its file is not there.
means-integrity = The bytes here are not those that the agent reports, or the content is no whole backup.
means-held = It came, but looks suspicious: it is kept aside until somebody decides.
means-paused = Switched off on purpose: never late or missing. What comes is judged, and alerts, as ever.
arrival = Arrival
arrival-text = Each mark is one backup. Below the first line it came before it was due, above the second it would be missing.
arrival-label = { $n } of { $total } came before they would have been missing
axis-due = due
axis-missing = missing
before-due = before it is due
in-time = in time
time-heading = Where the time goes
step-backup = dump
step-compress = compress
step-transfer = transfer
longest-step = Longest step now: { $step }, { $time }
sizes-heading = Size
sizes-label = Median of the good ones: { $median }
schedule-heading = When it is expected
usual-arrival = Usual arrival: { $time }
ruler-label = Due at { $due }, missing from { $deadline } ({ $zone })
due = due
received-per-day = Received per day
received-text = Good backups of this agent, as they were sent.
received-month = Received in 30 days
intact-month = Good in 30 days

## Lists and search.

no-city = No city
at-risk-all = At risk (all)
safe-all = Safe (Success, Unchanged)
all-agents-option = All agents
clear-filters = Clear filters
collapse-all = Collapse all
toggle = Show or hide the jobs of { $agent }
days-column = 30 days
loading = The list of jobs is being loaded…
load-error = The list of jobs could not be loaded. Open the page of the agent instead.
show-more = Show { $n } more
auto-refresh = Auto-refresh
keys = Keys: / search, Esc clear

## Details of a job.

integrity-text = The agent computes a SHA-256 before it sends; this server computes it again over what came.
expected-size = Size in the agent's report
measured-size = Size here
size-short = { $size } short
size-over = { $size } more
retention-line = Versions kept: the last { $last }, all of { $within }, { $daily } daily, { $weekly } weekly, { $monthly } monthly, { $yearly } yearly, and never fewer than { $least } good ones. None goes before a newer one is verified.
kept-last = one of the last
kept-within = recent
kept-daily = daily
kept-weekly = weekly
kept-monthly = monthly
kept-yearly = yearly
kept-least = fewest good ones
kept-current = current
kept-pinned = pinned
kept-held = held
kept-before-hold = before what is held
kept-damaged = nothing better is there
kept-critical = the job is in trouble
kept-clock = the clock jumped
took = dump + compress + transfer
messages = Messages sent
no-messages = None was sent in the last 30 days.
news-opened = Opened
news-changed = Changed
news-reminder = Reminder
news-resolved = Resolved
not-sent = Not delivered yet. { $error }

## Details of the alerts.

alerts-text = An alert opens with the first bad backup and closes by itself with the next good one. What is late is listed, and no mail is sent.
resolved-month = Resolved in 30 days
median-recovery = Median until recovery
longest-recovery = Longest

## Mail.

mail-new = New
mail-resolved = Resolved
mail-critical = CRITICAL
mail-warning = WARNING
mail-changed = (changed)
mail-more-causes = { $n ->
    [one] { $n } more cause with { $alerts } is not listed here:
   *[other] { $n } more causes with { $alerts } are not listed here:
}
mail-more = { $n ->
    [one] and { $n } more cause with { $alerts }
   *[other] and { $n } more causes with { $alerts }
}
mail-alerts = { $n ->
    [one] { $n } alert
   *[other] { $n } alerts
}
mail-and-more = and { $n } more
mail-after = after { $span }
mail-footer = Take something on:
mail-test-subject = test message
mail-test = This is a test message of backupmon. Whoever reads it will be told when a backup is bad or absent.

# Before what is said of a cause, in a column.
mail-databases = Databases:
mail-was = Was:
mail-lasted = Lasted:
mail-since = Since:
mail-last-good = Last good:
mail-said = Said:
mail-example = Example:
mail-to-do = To do:
mail-contact = Contact:
mail-note = Note:
mail-lasted-when = { $span }, from { $from } to { $until }
mail-old = { $span } old
mail-oldest = { $span } old, the oldest of them
mail-no-copy = none
mail-no-copy-of-one = none, for at least one of them

# Heads of the tables.
mail-head-what = What
mail-head-was = Was
mail-head-lasted = Lasted
mail-head-from = From
mail-head-to = To
mail-head-since = Since
mail-head-last-good = Last good backup
mail-head-said = What was said
mail-head-do = What to do next

mail-agents = { $n ->
    [one] { $n } agent
   *[other] { $n } agents
}
mail-agents-of = { $n ->
    [one] { $n } agent of { $place }
   *[other] { $n } agents of { $place }
}
mail-silent-together = { $whom } fell silent at about the same time ({ $jobs })
mail-report-again = { $whom } report again ({ $jobs })
mail-silent = { $whom } fell silent altogether ({ $jobs })
mail-reports-again = { $whom } reports again ({ $jobs })
mail-held = { $n ->
    [one] { $whom }: { $n } backup held in one scan
   *[other] { $whom }: { $n } backups held in one scan
}
mail-held-danger = { $n ->
    [one] { $whom }: { $n } backup held in one scan: possible encryption or data loss at the site
   *[other] { $whom }: { $n } backups held in one scan: possible encryption or data loss at the site
}
mail-same = { $whom }: { $label } ({ $jobs })
mail-single = { $whom }: { $label }

# In a subject.
subject-critical = { $n } critical
subject-warnings = { $n ->
    [one] { $n } warning
   *[other] { $n } warnings
}
subject-resolved = { $n } resolved
subject-news = { $counts }: { $names }
subject-with-digest = (with the digest)
subject-digest = digest:
subject-still-open = { $what } still open
subject-older = { $n } open for over a week
subject-nothing = nothing to remind of
subject-unknown = UNKNOWN whether the backups are good
subject-unwatched = nothing is watched
subject-all-good = all { $n } good
subject-some-good = { $n } of { $total } good

# In the digest.
digest-overview = Overview
digest-unknown = It is UNKNOWN whether the backups are good: the last scan ended { $time }.
digest-no-scan = It is UNKNOWN whether the backups are good: no scan was ever finished.
digest-unwatched = Nothing is watched: there is no active job.
digest-all-good = { $n ->
    [one] The one watched backup is good.
   *[other] All { $n } watched backups are good.
}
digest-some-good = { $n } of { $total } watched backups are good.
digest-last-scan = The last scan ended { $time }.
digest-count = { $what }: { $n }
digest-undelivered = { $n ->
    [one] { $n } message to another recipient is not delivered, since { $time }.
   *[other] { $n } messages to other recipients are not delivered, since { $time }.
}
digest-none-open = Nothing told before is still open without somebody on it.
digest-still-open = Still open
digest-older = { $n } open for over a week, listed on Mondays:
digest-taken-on = Acknowledged or silenced
digest-taken-until = { $what }: by { $who } until { $time }: { $why }
digest-taken = { $what }: by { $who } until it is resolved: { $why }
digest-paused = Paused: not watched
digest-paused-until = { $what }: by { $who } until { $time }
digest-paused-for-good = { $what }: by { $who } without an end
digest-on-trial = On trial: { $n }
digest-trial-came = All of them reported in time.
digest-trial-absent = These did not come:
digest-look = Worth a look
digest-assumed-heading = Assumed schedules
digest-assumed = { $n ->
    [one] Nobody has set the schedule of { $n } job:
   *[other] Nobody has set the schedule of { $n } jobs:
}

## What is wrong: the words of causes and of problems.

label-backup-failed = the dump failed at the agent
label-compress-failed = the compression failed at the agent
label-transfer-failed = the transfer failed at the agent
label-agent-failed = the agent says that its whole operation failed
label-entry-invalid = the agent's report says nothing that can be checked
label-file-absent = the reported file did not come
label-file-unreadable = the file cannot be read
label-not-a-regular-file = what lies there is no regular file
label-file-not-replaced = a new backup was reported, but the old file still lies there
label-never-settled = the file keeps changing
label-same-file = two databases name the same file
label-hash-differs = the file is not the one that the agent made
label-hash-invalid = the agent reports a checksum that is none
label-size-differs = the file has not the size that the agent reports
label-truncated = the backup is cut off
label-empty = the backup is empty
label-bad-archive = the archive is damaged
label-no-dump-trailer = the dump has no end
label-no-report = no report came in time
label-year-ended = no report came, and its year is over
label-report-unreadable = the agent's report cannot be read
label-clock-skew = the agent's clock is ahead
label-deposit-unreadable = the agent's folder is gone or cannot be read
label-agent-never-reported = the agent has a folder but has never reported
label-dumps-without-report = dumps come, but no report
label-promotion-failed = a good backup could not be kept
label-version-held = a backup looks wrong and is held back
label-version-damaged = a kept version is damaged
label-year-not-started = the database of the new year has not begun
label-year-over = databases of years that are over are still expected
label-retired-reports = a retired backup comes again
label-name-invalid = a name is none
label-too-many-jobs = more databases than are allowed
label-deposits-unavailable = the deposits cannot be read
label-backlog = the server does not keep up with reading
label-disk-low = the server's disk is nearly full
label-state-damaged = the state of backupmon is damaged
label-mail-refused = a mail is refused
label-no-checksum = no checksum given
label-size-jump = far larger than usual
label-same-bytes = same bytes as another database
label-content-unchecked = content not checked
label-unchanged-too-long = unchanged for too long
label-size-drop = far smaller than usual
label-kind-changed = another kind of content
label-incompressible = does not compress any more
label-content-short = far less content than usual

## What to do about it, in a mail.

advice-at-agent = Look into the agent's own log; its message stands above. The last good version is kept.
advice-transfer = Look at the line between agent and server and at the space on both.
advice-script = Mend the agent's script: its report cannot be held against a file.
advice-arrival = Look whether the agent's transfer was cut off or goes to another folder.
advice-owner = Look at the owner and the mode of what lies in the agent's folder.
advice-resend = Do not trust this file. Have the agent send it again; the last good version is kept.
advice-new-dump = Do not trust this file, although its checksum agrees: the dump itself went wrong at the site.
advice-silent = Look whether the site is up, the agent runs and its line works.
advice-unreadable = Mend the agent's script.
advice-clock = Set the clock right that it names, or the agent's time zone in the configuration.
advice-set-up = Finish setting up the agent: without a report nothing can be checked.
advice-room = Make room where the versions are kept, or keep fewer.
advice-held = Find out whether the data at the site are whole before anything else; then accept the version, or wait for a good one.
advice-damaged = Look at the disk. The newest whole version is used meanwhile.
advice-new-year = Have the site's new database backed up, or retire the family.
advice-year-over = Retire them. If one of them should not have ended, look why the site sends it no more.
advice-retired = Expect it again if it is to be watched, or have the site stop it.
advice-too-many = Look what the agent reports; raise max_jobs_per_agent if it is right.
advice-deposits = Look whether the deposits are mounted. Nothing is judged until then.
advice-backlog = Give the server more time, or read less: see the threads and the deadline of the scan.
advice-state = Check the state, and rebuild it from the versions if need be.
advice-mail = Correct the address or ask the one who keeps the mail server.
advice-site = See the status site.

## Sentences that a judgement carries, as the state keeps them. In English they are shown as they are; here they are
## recognised, so that another language can say the same. A value whose name begins with `time`, `size` or `bytes` is
## written in the reader's habit, one that begins with `said` is a sentence itself.

said-agent-failed = the agent reports `{ $word }` for the whole operation
said-step-failed = the agent reports that { $step } failed: { $error }
said-step-failed-silently = the agent reports that { $step } failed, without a message
said-no-file = the agent reports success but names no staged file (`staged_file_name`)
said-nothing-to-compare = the agent reports success but gives neither a checksum nor a size to compare with
said-no-digest = { $step } gives no single SHA-256 to compare with: `{ $text }`
said-absent = the staged file `{ $file }` is not in the deposit
said-no-regular-file = `{ $file }` is { $kind }, not a regular file
said-unreadable = `{ $file }` cannot be read: { $reason }
said-shared-file = `{ $file }` is named by two databases of the report: it can be only one's
said-entry-invalid = the entry is invalid: { $said }
said-never-settled = it changed while it was read
said-verified = verified: SHA-256 of the staged file agrees
said-verified-by-backup = verified: BACKUP's SHA-256 is that of the staged file
said-verified-by-content = verified: BACKUP's SHA-256 is that of the decompressed content, which is proven end to end
said-end-to-end = content proven end to end
said-size-agrees = the size agrees
said-content-size-agrees = BACKUP's size is that of the decompressed content
said-no-checksum = the agent gave no checksum, so the bytes are not proven
said-size-wrong = the reported size is wrong ({ $size1 } reported, { $size2 } found)
said-hash-differs = the bytes on the server are not the ones that the agent reports: SHA-256 { $found }…, reported { $reported }…
said-bytes-differ = { $bytes1 } bytes reported, { $bytes2 } found
said-size-differs = no checksum, and the size differs: { $bytes1 } bytes reported, { $bytes2 } found
said-not-compared = its content could not be compared: { $said }
said-not-checked = content not checked: { $said }
said-content-differs = the content is not what BACKUP made (SHA-256 { $found }…, reported { $reported }…)
said-content-short = the content is shorter than what BACKUP made ({ $bytes1 } of { $bytes2 } bytes)
said-cut-off = the { $kind } data ends before its own end, after { $bytes } decompressed bytes
said-data-damaged = the { $kind } data is damaged after { $bytes } decompressed bytes: { $said }
said-shorter = the { $kind } is shorter than its own structure says: missing { $said }
said-damaged = the { $kind } is damaged: { $said }
said-no-closing-line = the { $kind } has no closing line `{ $line }`: it was cut off or aborted
said-no-bytes = the file has no bytes
said-nothing-inside = it decompresses to nothing
said-zeros = it consists of zero bytes only
said-odd-size = { $size1 } is { $said } the median { $size2 } of the last { $n } good
said-decompressed = { $size } decompressed
said-tenth = under a tenth of
said-half = under half of
said-jump = over 3 times
said-kind-changed = it holds { $now }, while { $n } of the last { $total } good held { $then }
said-incompressible = it was compressed { $now } times, while the least of the last { $n } good was { $least } times
said-same-bytes = the report gives `{ $twin }` the same SHA-256
said-second-equal = the same bytes for the second time, while { $n } of its last { $total } were new
said-still-equal-since = the same bytes since { $time }, while its backups used to be new
said-still-equal = the same bytes, while its backups used to be new
said-lasting = the smaller size is taken as lasting: { $n } backups in a row of about { $size }
said-held = the newest version is held: { $said }
said-held-already = its version is held already
said-accepted = accepted by { $who }
said-superseded = superseded by a newer report
said-missing = no report came for the backup due at { $time1 }, until { $time2 }
said-last-reported = the agent last reported at { $time }
said-never-reported = the agent has never reported
said-year-ended = no report came, and its year is over
said-retired = it was retired and reports again: what comes is judged and kept, but nobody is told when it stops
said-rejected = report `{ $file }` is rejected: { $said }
said-folder-gone = its folder is gone
said-folder-unreadable = its folder cannot be read: { $reason }
said-no-agents-name = the name of this deposit folder is no name of an agent: rename it
said-not-set-up = no readable report came since its folder was first seen: is the agent set up to send them?
said-dumps-only = its dumps change and no report comes: they are not watched without one
said-clock = the agent's clock is { $span } ahead (report `{ $file }`): set it
said-no-names = { $n } database names in report `{ $file }` are no names, the first is `{ $name }`: no job is made of them
said-too-many = the agent names more than { $n } databases: further ones are not watched
said-backlog = the oldest report (`{ $file }` of { $agent }) waits to be judged since { $span }: reading cannot keep up, or what it names cannot be read
said-backlog-unread = no file of { $job } was read since { $span }, for all the reports that came: reading cannot keep up
said-disk-low = { $size1 } are free for versions, { $size2 } are to stay free (`min_free` in [promote]): nothing more is promoted
said-too-little-space = too little space under the validated folder: { $size1 } free, { $size2 } needed, { $size3 } to stay free
said-not-kept = the verified backup of { $job } could not be kept: { $said }
said-deposits-empty = the deposits are empty though agents are known
said-year-not-started = this is still the newest year of its family: none of { $expected } has begun

## Badge and feed.

badge-label = backups
badge-unknown = unknown
badge-at-risk = { $n } of { $total } at risk
badge-attention = needs attention
badge-warning = { $n } of { $total } good, warning
badge-good = { $n } of { $total } good
feed-recovered = Recovered: { $what }
feed-entry = { $whom }: { $label }

# Why a report is rejected, a dump or a version is damaged, and what is wrong with the server itself.
said-report-empty = the report is empty
said-maybe-cut = it may have been cut off on its way
said-utf16 = the report is encoded as UTF-16
said-write-utf8 = write it as UTF-8
said-not-utf8 = the report is not UTF-8 (byte 0x{ $byte } in line { $line })
said-comments = the report is JSON with comments (line { $line } column { $column })
said-no-comments = JSON has none, leave them out
said-ends-early = the report ends too early: { $said }
said-send-again = it may have been cut off on its way, send it again whole
said-not-json = the report is not JSON: { $said }
said-parser = { $parser } at line { $line } column { $column }
said-json-library = write it with a JSON library
said-not-object = the report is { $said }
said-must-be-object = it must be a JSON object with `agent_id` and `databases`
said-key-missing = the report has no `{ $key }`
said-must-name = it must name its agent in `agent_id` and its databases in `databases`
said-wrong-type = `{ $key }` of the report is { $said }
said-must-be = it must be { $said }
said-key-twice = `{ $key }` stands twice in the report
said-stand-once = it must stand there once
said-database-twice = the report names the database `{ $name }` twice
said-each-once = each must stand there once
said-many-databases = the report names more than { $n } databases
said-split = split it over several reports
said-other-agent = the report speaks for another agent: `agent_id` is `{ $name }`, but it lies in the folder of `{ $agent }`
said-alias = if the agent may call itself so, add that to `aliases` in a rule for it
said-text = text
said-bool = true or false
said-null = null
said-list = a list
said-object = an object
said-number = a number
said-object-of-databases = an object with one key per database
said-expected-once = `{ $key }` stands twice
said-expected = expected { $said }
said-once = once
said-a-status = a status: true, false, 1, 0, success, ok, completed, failed, failure or error
said-whole-number = a whole number of bytes
said-page-size = a page size of { $n } bytes
said-archive-format = archive format { $n }
said-header = the header
said-contents-id = an entry of the table of contents has the id { $n }
said-data-state = an entry's data state is { $n }
said-block-kind = block { $n } is of kind { $kind }
said-data-blocks = its data blocks are not those of its table of contents
said-does-not-unpack = the compressed data of entry { $n } does not unpack: { $reason }
said-sign = a number has the sign { $n }
said-chunk = a chunk of data has the length { $n }
said-member-checksum = a member's header has a wrong checksum
said-member-size = a member's header has no readable size
said-data-of-entries = the data of { $n } of { $total } entries
said-entry-bytes = { $bytes } bytes of an entry's data
said-bytes-missing = { $bytes1 } of { $bytes2 } bytes
said-bytes-of = { $bytes } bytes of { $said }
said-more-bytes = more bytes
said-offset = an offset
said-a-byte = a byte
said-definition = a name or a definition
said-header-text = a header's text
said-member-data = a member's data
said-sparse-map = a sparse member's map
said-pax-header = a pax header
said-not-known-here = the { $kind } is not known here: { $said }
said-archive-version = archive version { $n }
said-version-damaged = version { $name } is damaged: { $said }
said-version-gone = version { $name } is gone from the disk
said-others-damaged = { $said }, and { $n } others are damaged
said-current-is = current_version is { $name }
said-no-undamaged = there is no undamaged version to take its place
said-no-other = there is no other to take its place
said-sums-differ = its { $file } differs from its report.json
said-sha-was = the SHA-256 of `{ $file }` is { $found } and was { $expected } when it was promoted
said-sums-line = its { $file } is not one line of `sha256sum`
said-names-dump = it names its dump `{ $file }`
said-not-there = `{ $file }` is not there
said-has-bytes = `{ $file }` has { $bytes1 } bytes instead of { $bytes2 }
said-no-folder = it is not a folder
said-has-no = it has no { $file }
said-its-unreadable = its { $file } cannot be read: { $reason }
said-speaks-of = its { $file } speaks of { $name }
said-short-copy = the copy has { $bytes1 } bytes and the verified file { $bytes2 }, so it is not promoted
said-until-compared = until it can be read nothing becomes MISSING and nothing is removed: mend it, or move it away
said-state-behind = the state did not know the last run, as one that was lost or restored: { $n } versions were taken over from the disk, { $gone } are gone, { $reports } kept reports are judged again
said-nothing-removed = nothing is removed in this run
said-refused = refused for good: { $said }
said-past-deadline = { $n } backups are past their deadline and cannot be judged, the first is { $job }: reports, dumps or versions cannot be read (an I/O error, a stale mount?)
said-log-names = the log of the run names them
said-is = `{ $key }` is `{ $found }`
said-magic = the magic
said-rest-of-header = the rest of the header
said-end-mark = the end-of-archive mark
said-archive-ends = the archive ends or is damaged
said-the-entry = the entry
said-label-is = { $said } is `{ $found }`
said-label-unreadable = { $said1 } cannot be read: { $said2 }
