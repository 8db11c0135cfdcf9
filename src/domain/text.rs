//! Foreign text made harmless for a line of text, and numbers made readable.

use super::Time;

/// The open box that stands for a blank.
const BLANK: &str = "\u{2423}";

/// Foreign text for a terminal, a log or a mail's plain part: every control character, bidirectional
/// control and line separator becomes `\u{..}`, so that one text stays on one line and steers nothing. What is nothing but
/// blanks is shown as so many marks: it may be a name, and somebody must see it.
#[must_use]
pub fn printable(text: &str) -> String {
    if text.chars().all(|c| c.is_whitespace() && !c.is_control() && !steers(c)) {
        return BLANK.repeat(text.chars().count());
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that reorder or break a line without being control characters.
fn steers(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// At most `limit` characters, with an ellipsis where something was cut.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Decimal units, as disks and networks are sold: `62.2 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// An age or a duration with its two largest units: `3 d 4 h`, `12 min`, `45 s`. Negative is shown as zero.
#[must_use]
pub fn duration(span: chrono::TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let two = |a: i64, a_unit: &str, b: i64, b_unit: &str| {
        if b == 0 { format!("{a} {a_unit}") } else { format!("{a} {a_unit} {b} {b_unit}") }
    };
    if days >= 10 {
        format!("{days} d")
    } else if days > 0 {
        two(days, "d", hours, "h")
    } else if hours > 0 {
        two(hours, "h", minutes, "min")
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

/// RFC 3339 in UTC with `Z` and whole seconds: how every output writes a time.
#[must_use]
pub fn rfc3339(time: Time) -> String {
    // A format that is read anew each time takes three times as long, and a fleet has a hundred thousand times.
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_a_terminal_or_break_a_line() {
        assert_eq!(printable("a\x1b[31m\r\nb"), "a\\u{1b}[31m\\u{d}\\u{a}b");
        assert_eq!(printable("x\u{202e}y\u{2028}z\u{9b}"), "x\\u{202e}y\\u{2028}z\\u{9b}");
        assert_eq!(printable("Été 😀"), "Été 😀");
        assert_eq!(printable(" "), "␣");
        assert_eq!(printable("\u{a0}\u{3000}"), "␣␣");
        assert_eq!((printable(""), printable(" a")), (String::new(), " a".to_owned()));
    }

    #[test]
    fn sizes_and_durations_are_short() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(62_233_088), "62.2 MB");
        assert_eq!(size(999_950), "1.0 MB");
        let minutes = |m| duration(chrono::TimeDelta::minutes(m));
        assert_eq!(minutes(0), "0 s");
        assert_eq!(minutes(59), "59 min");
        assert_eq!(minutes(60), "1 h");
        assert_eq!(minutes(26 * 60 + 5), "1 d 2 h");
        assert_eq!(minutes(11 * 24 * 60), "11 d");
    }
}
