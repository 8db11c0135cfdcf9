//! The backup server's own part of the overview: what is kept, what is free, and when it is full.

use chrono::TimeDelta;

use crate::domain::forecast::{Filling, Forecast};
use crate::render::facts::Disk;
use crate::render::view::View;

/// A term and what is known of it.
pub struct Fact {
    pub name: &'static str,
    pub text: String,
    /// What it follows from; may be empty.
    pub reason: String,
}

/// Nothing where the file system did not answer; what cannot be known is left out.
pub fn facts(view: &View) -> Vec<Fact> {
    let Some((disk, forecast)) = view.disk.zip(view.forecast) else { return Vec::new() };
    let mut facts = vec![kept(view, &forecast), free(view, disk)];
    facts.extend(full(view, &forecast));
    facts
}

fn kept(view: &View, forecast: &Forecast) -> Fact {
    let words = view.words();
    let reason = words.say("space-need", [("size", words.bytes(forecast.need).into())]);
    Fact { name: words.text("space-kept"), text: words.bytes(forecast.kept), reason }
}

fn free(view: &View, disk: Disk) -> Fact {
    let words = view.words();
    let reason = words.say("space-of", [("size", words.bytes(disk.total).into())]);
    Fact { name: words.text("space-free"), text: words.bytes(disk.free), reason }
}

fn full(view: &View, forecast: &Forecast) -> Option<Fact> {
    let words = view.words();
    let (text, reason) = match forecast.filling {
        Filling::Unknown => return None,
        Filling::Never => (words.text("space-full-never"), words.text("space-full-never-text").to_owned()),
        Filling::Standstill => {
            (words.text("space-full-never"), words.text("space-full-standstill-text").to_owned())
        }
        Filling::On { day, rate } => {
            let text = words.say("space-full-about", [("day", words.calendar_day(day).into())]);
            let reason = words.say("space-growth", [("size", words.bytes(rate).into())]);
            return Some(Fact { name: words.text("space-full"), text, reason });
        }
    };
    Some(Fact { name: words.text("space-full"), text: text.to_owned(), reason })
}

impl View<'_> {
    /// That it is full soon.
    pub(in crate::render) fn space_notice(&self) -> Option<String> {
        /// There is time to buy a disk.
        const SOON: TimeDelta = TimeDelta::days(30);
        let words = self.words();
        let day = self.forecast.as_ref()?.full_on()?;
        let is_soon = day - self.generated_at.date_naive() <= SOON;
        is_soon.then(|| words.say("space-notice", [("day", words.calendar_day(day).into())]))
    }
}
