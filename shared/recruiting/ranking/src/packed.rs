//! Many strings in one allocation.

use serde::{Deserialize, Serialize};

/// A list of strings, kept end to end in one allocation. Each costs 4 bytes instead of the 24 and an allocation that a `String`
/// costs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PackedStrings {
    ends: Vec<u32>,
    text: String,
}

impl PackedStrings {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string at `index`; empty where there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before));
        match (start, self.ends.get(index)) {
            (Some(start), Some(end)) => self.text.get(*start as usize..*end as usize).unwrap_or(""),
            _ => "",
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Returns the index of `text` in a sorted arena; `None` where it is not in it.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Whether the strings rise strictly, which [`PackedStrings::find`] needs.
    pub(crate) fn is_sorted(&self) -> bool {
        self.iter().is_sorted_by(|a, b| a < b)
    }
}

impl<'a> FromIterator<&'a str> for PackedStrings {
    fn from_iter<I: IntoIterator<Item = &'a str>>(strings: I) -> Self {
        let mut arena = Self::default();
        strings.into_iter().for_each(|text| arena.push(text));
        arena
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_again() {
        let arena: PackedStrings = ["", "alpha", "beta", "délta"].into_iter().collect();
        assert!(arena.is_sorted());
        assert_eq!(
            arena.iter().map(|text| arena.find(text)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2), Some(3)]
        );
        assert_eq!(arena.find("gamma"), None);
        assert_eq!(arena.get(9), "");
    }

    #[test]
    fn broken_ends_give_empty_strings() {
        let arena = PackedStrings {
            ends: vec![5, 2, 90],
            text: "délta".into(),
        };
        assert_eq!(arena.iter().collect::<Vec<_>>(), ["délt", "", ""]);
    }
}
