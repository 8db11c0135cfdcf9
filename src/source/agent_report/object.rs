//! A JSON object whose keys are all kept, also those that stand twice, and whose values are not read yet.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

#[derive(Debug)]
pub(super) struct Object<'a> {
    /// In the order of the text.
    pub pairs: Vec<(String, &'a RawValue)>,
    /// There were more pairs than the limit.
    pub cut_off: bool,
}

impl<'a> Object<'a> {
    /// Reads the keys that are wanted, at most `limit` of them, and checks the syntax of all.
    pub fn read_only(
        text: &'a str,
        limit: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let object = Pairs { limit, wanted }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(object)
    }

    /// The values under a key.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &'a RawValue> {
        self.pairs.iter().filter(move |(name, _)| name == key).map(|(_, value)| *value)
    }
}

struct Pairs<F> {
    limit: usize,
    wanted: F,
}

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Pairs<F> {
    type Value = Object<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Pairs<F> {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut object = Object { pairs: Vec::new(), cut_off: false };
        while let Some(key) = map.next_key::<String>()? {
            if !(self.wanted)(&key) {
                map.next_value::<IgnoredAny>()?;
            } else if object.pairs.len() == self.limit {
                object.cut_off = true;
                map.next_value::<IgnoredAny>()?;
            } else {
                object.pairs.push((key, map.next_value()?));
            }
        }
        Ok(object)
    }
}
