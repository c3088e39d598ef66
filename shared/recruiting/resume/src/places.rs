//! Knows the names of places and the countries that they lie in. From `GeoNames`; see `data/make_places.py`.

/// The names with their countries, sorted by their bytes.
const PLACES: &str = include_str!("../data/places.txt");

/// Returns the ISO 3166 codes of the countries in which a place of this name lies, the most populous first. Case and accents do
/// not count.
#[must_use]
pub fn countries(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let plain = plain(name);
    let found = find(&plain)?;
    Some(found.split(','))
}

/// Whether there is a place of this name.
#[must_use]
pub fn is_place(name: &str) -> bool {
    find(&plain(name)).is_some()
}

fn find(name: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, PLACES.len());
    while low < high {
        let middle = low.midpoint(high);
        let middle = (low..=middle).rev().find(|at| PLACES.is_char_boundary(*at))?;
        let start = PLACES[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = PLACES[start..].find('\n').map_or(PLACES.len(), |at| start + at);
        let (known, codes) = PLACES[start..end].split_once('\t')?;
        match known.cmp(name) {
            std::cmp::Ordering::Equal => return Some(codes),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// Returns a name in lower case without accents, as the list has it.
#[must_use]
pub fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => out.push('a'),
            'ç' | 'ć' | 'č' => out.push('c'),
            'ď' | 'đ' => out.push('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => out.push('e'),
            'ğ' => out.push('g'),
            'ì'..='ï' | 'ī' | 'ı' | 'į' => out.push('i'),
            'ł' | 'ļ' | 'ľ' => out.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => out.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => out.push('o'),
            'ŕ' | 'ř' => out.push('r'),
            'ś' | 'ş' | 'š' | 'ș' => out.push('s'),
            'ß' => out.push_str("ss"),
            'ţ' | 'ť' | 'ț' => out.push('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            '’' => out.push('\''),
            // What combines with the letter before it, as "i̇" does.
            '\u{300}'..='\u{36F}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_in_their_countries() {
        let of = |name: &str| countries(name).map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        assert_eq!(of("Seattle"), ["US"]);
        assert_eq!(of("München"), Vec::<&str>::new());
        assert_eq!(of("Munich"), ["DE"]);
        assert_eq!(of("Georgia"), ["GE", "US"]);
        assert_eq!(of("İzmir"), ["TR"]);
        assert!(of("Acme").is_empty());
    }

    #[test]
    fn every_line_is_found() {
        for line in PLACES.lines() {
            let (name, codes) = line.split_once('\t').unwrap();
            assert_eq!(find(name), Some(codes), "{name}");
        }
        assert_eq!(find(""), None);
        assert_eq!(find("zzzzzzz"), None);
    }
}
