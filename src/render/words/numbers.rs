//! Numbers as the readers of a language write them.

use fluent_bundle::FluentValue;
use fluent_bundle::memoizer::MemoizerKind;

/// What Fluent calls to show a value; `None` leaves it as it is.
pub type Formatter<M> = fn(&FluentValue, &M) -> Option<String>;

/// Digits in groups of three.
pub fn grouped(n: u64, mark: &str) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    text
}

/// Fluent takes a function without any surroundings: one per mark that languages group with.
pub fn formatter<M: MemoizerKind>(mark: &str) -> Option<Formatter<M>> {
    match mark {
        "," => Some(shown::<',', M>),
        "." => Some(shown::<'.', M>),
        "\u{202f}" => Some(shown::<'\u{202f}', M>),
        "\u{a0}" => Some(shown::<'\u{a0}', M>),
        "’" => Some(shown::<'’', M>),
        _ => None,
    }
}

fn shown<const MARK: char, M: MemoizerKind>(value: &FluentValue, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let whole = number.as_string().parse::<u64>().ok()?;
    Some(grouped(whole, MARK.encode_utf8(&mut [0; 4])))
}
