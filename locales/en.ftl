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
agents-trouble = All { $total } backups are safe, and something else needs attention
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
late = { $n ->
    [one] { $n } is late, before its deadline.
   *[other] { $n } are late, before their deadline.
}
pending = { $n ->
    [one] { $n } is not yet due for the first time.
   *[other] { $n } are not yet due for the first time.
}
paused = { $n ->
    [one] { $n } more is paused on purpose and not watched.
   *[other] { $n } more are paused on purpose and not watched.
}
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
newcomer = { $old } has fallen silent, and { $new }, which is new, brings { $n } of its { $total } databases. If it is the same site: { $command }
orphans = { $n ->
    [one] { $n } removed job still has versions ({ $size }); they are never deleted. To watch it again: { $command }
   *[other] { $n } removed jobs still have versions ({ $size }); they are never deleted. To watch the first again: { $command }
}

## Restore ladder.

ladder-heading = If you had to restore now
ladder-text = Age of the last good copy, per job
ladder-day = under 24 h
ladder-two-days = 1 to 2 days
ladder-week = 2 to 7 days
ladder-older = over 7 days
ladder-never = never
as-planned = as planned
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
since = Since
last-good = Last good copy
do-next = Do next:
contact = Contact
acknowledged = Acknowledged by { $who }
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
integrity = Integrity
expected-hash = SHA-256 in the agent's report
computed-hash = SHA-256 computed here
hashes-equal = Both agree.
hashes-differ = They differ.
not-given = not given
not-computed = not computed
restore-line = If you had to restore now, you would get the copy of { $time }.
no-restore-line = There is no good copy to restore.
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
trial = on trial
assumed-word = assumed
current = current
verified-at = Verified
goes = goes at the next run
note = Note
warnings = Warnings
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
same-cause = { $n } jobs of this agent fail in the same way. { $said }
do-silent = check power, internet link and that the backup service runs at the site; then
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
strip-several = Last 30 days: { $n } of { $total } expected backups came and are good
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
means-paused = Switched off on purpose: not watched, no alert.
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
ruler-label = Due at { $due }, missing from { $deadline }
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
retention-line = Keeps { $daily } daily, { $weekly } weekly and { $monthly } monthly versions. None goes before a newer one is verified.
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
