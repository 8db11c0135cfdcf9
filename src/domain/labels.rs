//! Company, city, neighbourhood and year: what people sort jobs by.

use serde::{Deserialize, Serialize};

use super::DatabaseName;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct Labels {
    pub company: Option<String>,
    pub city: Option<String>,
    pub neighborhood: Option<String>,
    pub year: Option<u16>,
}

impl Labels {
    /// Own values first, `other` where there is none.
    #[must_use]
    pub fn or(&self, other: &Labels) -> Labels {
        Labels {
            company: self.company.clone().or_else(|| other.company.clone()),
            city: self.city.clone().or_else(|| other.city.clone()),
            neighborhood: self.neighborhood.clone().or_else(|| other.neighborhood.clone()),
            year: self.year.or(other.year),
        }
    }
}

/// The year in a database's name: a run of exactly four digits from 1900 to 2100, the last one if
/// there are several (`ARCHIVE_2019_2025` is about 2025).
#[must_use]
pub fn year_in(database: &DatabaseName) -> Option<u16> {
    year_at(database).map(|(_, year)| year)
}

/// The name around the year, with the year: what databases have in common that differ only in it.
#[must_use]
pub fn without_year(database: &DatabaseName) -> Option<((&str, &str), u16)> {
    let (at, year) = year_at(database)?;
    let name = database.as_str();
    Some(((&name[..at], &name[at + YEAR_DIGITS..]), year))
}

const YEAR_DIGITS: usize = 4;

/// Where the year begins, in bytes, and what it is.
fn year_at(database: &DatabaseName) -> Option<(usize, u16)> {
    let name = database.as_str();
    let mut at = 0;
    let mut found = None;
    for run in name.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        if digits.len() == YEAR_DIGITS
            && let Some(year) = digits.parse().ok().filter(|year| (1900..=2100).contains(year))
        {
            found = Some((at, year));
        }
        at += run.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_a_number_of_four_digits_in_range() {
        let year = |name: &str| year_in(&DatabaseName::new(name).unwrap());
        assert_eq!(year("SDMC_DOUALA_AKWA_2023"), Some(2023));
        assert_eq!(year("CHU_2025_14"), Some(2025));
        assert_eq!(year("A2019_2025"), Some(2025));
        assert_eq!(year("A_1899"), None);
        assert_eq!(year("A_2101"), None);
        assert_eq!(year("A_20250"), None);
        assert_eq!(year("A"), None);
        assert_eq!(year("2025é2026"), Some(2026));
        assert_eq!(year("2025é20260"), Some(2025));
    }

    #[test]
    fn what_is_left_without_the_year_is_what_stands_on_both_sides_of_it() {
        let split = |name: &str| {
            let name = DatabaseName::new(name).unwrap();
            without_year(&name).map(|((before, after), year)| format!("{before}|{after} {year}"))
        };
        assert_eq!(split("SDMC_2025").as_deref(), Some("SDMC_| 2025"));
        assert_eq!(split("é_2024_2025_x").as_deref(), Some("é_2024_|_x 2025"));
        assert_eq!(split("2025").as_deref(), Some("| 2025"));
        assert_eq!(split("SDMC_20255"), None);
    }
}
