//! Places, no finer than a city.

use serde::{Deserialize, Serialize};

/// A place in lower case. A street or a postal code never gets in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The city.
    pub city: Option<String>,
    /// State, province or county.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 in lower case where the name is known, else the name.
    pub country: Option<String>,
}

/// Names of countries, in lower case, with their codes.
const COUNTRIES: &[(&str, &str)] = &[
    ("argentina", "ar"),
    ("australia", "au"),
    ("austria", "at"),
    ("bahrain", "bh"),
    ("bangladesh", "bd"),
    ("belgium", "be"),
    ("brazil", "br"),
    ("brasil", "br"),
    ("bulgaria", "bg"),
    ("canada", "ca"),
    ("chile", "cl"),
    ("china", "cn"),
    ("colombia", "co"),
    ("croatia", "hr"),
    ("cyprus", "cy"),
    ("czech republic", "cz"),
    ("czechia", "cz"),
    ("denmark", "dk"),
    ("deutschland", "de"),
    ("egypt", "eg"),
    ("england", "gb"),
    ("estonia", "ee"),
    ("españa", "es"),
    ("finland", "fi"),
    ("france", "fr"),
    ("germany", "de"),
    ("ghana", "gh"),
    ("great britain", "gb"),
    ("greece", "gr"),
    ("hong kong", "hk"),
    ("hungary", "hu"),
    ("iceland", "is"),
    ("india", "in"),
    ("indonesia", "id"),
    ("ireland", "ie"),
    ("israel", "il"),
    ("italia", "it"),
    ("italy", "it"),
    ("japan", "jp"),
    ("jordan", "jo"),
    ("kenya", "ke"),
    ("kuwait", "kw"),
    ("latvia", "lv"),
    ("lebanon", "lb"),
    ("lithuania", "lt"),
    ("luxembourg", "lu"),
    ("malaysia", "my"),
    ("malta", "mt"),
    ("mexico", "mx"),
    ("méxico", "mx"),
    ("morocco", "ma"),
    ("netherlands", "nl"),
    ("the netherlands", "nl"),
    ("new zealand", "nz"),
    ("nigeria", "ng"),
    ("northern ireland", "gb"),
    ("norway", "no"),
    ("oman", "om"),
    ("pakistan", "pk"),
    ("peru", "pe"),
    ("philippines", "ph"),
    ("poland", "pl"),
    ("portugal", "pt"),
    ("qatar", "qa"),
    ("romania", "ro"),
    ("saudi arabia", "sa"),
    ("scotland", "gb"),
    ("serbia", "rs"),
    ("singapore", "sg"),
    ("slovakia", "sk"),
    ("slovenia", "si"),
    ("south africa", "za"),
    ("south korea", "kr"),
    ("spain", "es"),
    ("sri lanka", "lk"),
    ("sweden", "se"),
    ("switzerland", "ch"),
    ("taiwan", "tw"),
    ("thailand", "th"),
    ("tunisia", "tn"),
    ("turkey", "tr"),
    ("türkiye", "tr"),
    ("u.s", "us"),
    ("u.s.a", "us"),
    ("uae", "ae"),
    ("uganda", "ug"),
    ("uk", "gb"),
    ("ukraine", "ua"),
    ("united arab emirates", "ae"),
    ("united kingdom", "gb"),
    ("united states", "us"),
    ("united states of america", "us"),
    ("us", "us"),
    ("usa", "us"),
    ("vietnam", "vn"),
    ("wales", "gb"),
];

/// The states of the USA: what a region of two letters after a city means.
const US_STATES: &[(&str, &str)] = &[
    ("al", "alabama"),
    ("ak", "alaska"),
    ("az", "arizona"),
    ("ar", "arkansas"),
    ("ca", "california"),
    ("co", "colorado"),
    ("ct", "connecticut"),
    ("dc", "district of columbia"),
    ("de", "delaware"),
    ("fl", "florida"),
    ("ga", "georgia"),
    ("hi", "hawaii"),
    ("ia", "iowa"),
    ("id", "idaho"),
    ("il", "illinois"),
    ("in", "indiana"),
    ("ks", "kansas"),
    ("ky", "kentucky"),
    ("la", "louisiana"),
    ("ma", "massachusetts"),
    ("md", "maryland"),
    ("me", "maine"),
    ("mi", "michigan"),
    ("mn", "minnesota"),
    ("mo", "missouri"),
    ("ms", "mississippi"),
    ("mt", "montana"),
    ("nc", "north carolina"),
    ("nd", "north dakota"),
    ("ne", "nebraska"),
    ("nh", "new hampshire"),
    ("nj", "new jersey"),
    ("nm", "new mexico"),
    ("nv", "nevada"),
    ("ny", "new york"),
    ("oh", "ohio"),
    ("ok", "oklahoma"),
    ("or", "oregon"),
    ("pa", "pennsylvania"),
    ("ri", "rhode island"),
    ("sc", "south carolina"),
    ("sd", "south dakota"),
    ("tn", "tennessee"),
    ("tx", "texas"),
    ("ut", "utah"),
    ("va", "virginia"),
    ("vt", "vermont"),
    ("wa", "washington"),
    ("wi", "wisconsin"),
    ("wv", "west virginia"),
    ("wy", "wyoming"),
];

/// Other spellings of cities.
const CITIES: &[(&str, &str)] = &[
    ("bangalore", "bengaluru"),
    ("bombay", "mumbai"),
    ("calcutta", "kolkata"),
    ("cologne", "köln"),
    ("gurgaon", "gurugram"),
    ("madras", "chennai"),
    ("munich", "münchen"),
    ("new york city", "new york"),
    ("nyc", "new york"),
    ("poona", "pune"),
    ("zurich", "zürich"),
];

fn known<'a>(table: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    table.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

/// Whether two capital letters are those of a state of the USA.
fn is_state(letters: &str) -> bool {
    let capitals = letters.len() == 2 && letters.bytes().all(|letter| letter.is_ascii_uppercase());
    capitals && known(US_STATES, &letters.to_lowercase()).is_some()
}

fn clean(part: &str) -> Option<String> {
    let name = part
        .trim()
        .trim_end_matches(['.', ')'])
        .trim_start_matches('(')
        .to_lowercase();
    let address = name.chars().any(|c| c.is_ascii_digit());
    (!address && (2..=60).contains(&name.chars().count())).then_some(name)
}

impl Place {
    /// Returns the finest place that two may both be. "Berlin" and "Berlin, Germany" are one; of two cities it is their country.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        // London in Ontario is not the other one.
        if differ(&self.country, &other.country) {
            return Self::default();
        }
        let country = self.country.or(other.country);
        if differ(&self.region, &other.region) {
            return Self {
                country,
                ..Self::default()
            };
        }
        let region = self.region.or(other.region);
        let city = if differ(&self.city, &other.city) {
            None
        } else {
            self.city.or(other.city)
        };
        Self { city, region, country }
    }

    /// From parts that are already told apart. Parts with digits are addresses and are dropped.
    #[must_use]
    pub fn new(city: Option<&str>, region: Option<&str>, country: Option<&str>) -> Self {
        let city = city
            .and_then(clean)
            .map(|city| known(CITIES, &city).map_or(city, str::to_owned));
        let mut country = country
            .and_then(clean)
            .map(|name| known(COUNTRIES, &name).map_or(name, str::to_owned));
        let region = region.and_then(clean).map(|region| match known(US_STATES, &region) {
            Some(state) if country.as_deref().is_none_or(|country| country == "us") => {
                country = Some("us".into());
                state.to_owned()
            }
            _ => region,
        });
        if country.is_none()
            && region
                .as_deref()
                .is_some_and(|name| US_STATES.iter().any(|(_, state)| *state == name))
        {
            country = Some("us".into());
        }
        Self { city, region, country }
    }

    /// From a line such as `Austin, TX 78701`, `Bengaluru, Karnataka, India` or `Germany`.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        // "TX 78701": the code goes, the state stays. "12 High Street": all of it goes.
        let strip = |part: &str| {
            if part.trim_start().starts_with(|c: char| c.is_ascii_digit()) && part.trim().contains(char::is_alphabetic)
            {
                return String::new();
            }
            let words = part
                .split_whitespace()
                .filter(|word| !word.chars().any(|c| c.is_ascii_digit()));
            words.collect::<Vec<_>>().join(" ")
        };
        // "Denver CO": two capitals behind a town are its state.
        let apart = |part: &str| {
            let part = strip(part);
            match part.rsplit_once(' ') {
                Some((town, state)) if is_state(state) => vec![town.to_owned(), state.to_owned()],
                _ => vec![part],
            }
        };
        let parts: Vec<String> = line
            .split([',', '/', '|', '·', ';'])
            .flat_map(apart)
            .filter_map(|part| clean(&part))
            .collect();
        let (country, rest) = match parts.split_last() {
            Some((last, rest)) if known(COUNTRIES, last).is_some() => (Some(last.as_str()), rest),
            _ => (None, parts.as_slice()),
        };
        match rest {
            [] => Self::new(None, None, country),
            [city] => Self::new(Some(city), None, country),
            [.., city, region] => Self::new(Some(city), Some(region), country),
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.city.is_none() && self.region.is_none() && self.country.is_none()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<&str> = [&self.city, &self.region, &self.country]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> [Option<String>; 3] {
        let Place { city, region, country } = Place::parse(line);
        [city, region, country]
    }

    #[test]
    fn two_places_have_in_common_what_both_may_be() {
        let common = |a: &str, b: &str| Place::parse(a).common(Place::parse(b));
        assert_eq!(common("Berlin", "Berlin, Germany"), Place::parse("Berlin, Germany"));
        assert_eq!(
            common("Berlin, Germany", "Bonn, Germany").country.as_deref(),
            Some("de")
        );
        assert_eq!(common("Berlin, Germany", "Bonn, Germany").city, None);
        assert_eq!(common("London, Canada", "London, England"), Place::default());
    }

    #[test]
    fn lines_are_told_apart() {
        for (line, [city, region, country]) in [
            ("Austin, TX 78701", ["austin", "texas", "us"]),
            ("Beaumont TX 77701", ["beaumont", "texas", "us"]),
            ("Salt Lake City UT", ["salt lake city", "utah", "us"]),
            ("Rio de Janeiro", ["rio de janeiro", "", ""]),
            ("Turin, IT", ["turin", "it", ""]),
            ("Bangalore, Karnataka, India", ["bengaluru", "karnataka", "in"]),
            (
                "12 High Street, Leeds, West Yorkshire, UK",
                ["leeds", "west yorkshire", "gb"],
            ),
            ("Munich, Germany", ["münchen", "", "de"]),
            ("Germany", ["", "", "de"]),
            ("Lisbon", ["lisbon", "", ""]),
            ("", ["", "", ""]),
        ] {
            let wanted = [city, region, country].map(|part| (!part.is_empty()).then(|| part.to_owned()));
            assert_eq!(parts(line), wanted, "{line}");
        }
    }
}
