//! Company, city, neighbourhood and year: what people sort jobs by.

use serde::{Deserialize, Serialize};

use super::DatabaseName;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    database
        .as_str()
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .rfind(|year| (1900..=2100).contains(year))
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
    }
}
