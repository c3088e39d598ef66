//! Reads a JSON Resume to a [`Resume`].

use serde_json::{Map, Value};

use super::{IS_PROFILE, NAMESPACE, reactive};
use crate::{
    date::PartialDate,
    parse::dates,
    refusal::Refusal,
    resume::{Certification, Education, Experience, Field, Language, Link, Location, Resume, Skill},
    skills,
};

/// The longest date in words.
const DATE_BYTES_MAX: usize = 64;
/// The most entries of one list.
const ENTRIES_MAX: usize = 2000;

/// Reads a JSON Resume. Every known member must have the type that the schema gives it; unknown ones are kept. Senders write
/// `null` for what they leave out, "Present" for what goes on, times behind dates, and dates in words: all are read as they are
/// meant. A date that nobody can read stays where it is.
///
/// # Errors
/// [`Refusal::InvalidJsonResume`] with a JSON Pointer to the first wrong value.
pub fn import(value: &Value) -> Result<Resume, Refusal> {
    let Value::Object(root) = value else {
        return Err(wrong("", "an object"));
    };
    let converted = reactive::as_json_resume(root);
    let root = converted.as_ref().and_then(Value::as_object).unwrap_or(root);
    if !["basics", "work", "education", "skills"]
        .iter()
        .any(|key| root.contains_key(*key))
    {
        return Err(wrong(
            "",
            "a JSON Resume with `basics`, `work`, `education` or `skills`",
        ));
    }
    let mut root = root.clone();
    drop_nulls(&mut root);
    let own = take_own(&mut root)?;
    let none = Map::new();
    let provenance = own.get("provenance").and_then(Value::as_object).unwrap_or(&none);
    let reader = Reader { provenance };
    let mut resume = Resume {
        total_months: own
            .get("totalMonths")
            .and_then(Value::as_u64)
            .map(|months| months as u32),
        ..Resume::default()
    };
    if let Some(mut basics) = object(&mut root, "basics", "")? {
        reader.basics(&mut basics, &mut resume)?;
        if !basics.is_empty() || is_empty_basics(&resume) {
            root.insert("basics".into(), Value::Object(basics));
        }
    }
    resume.experience = reader.list(&mut root, "work", Reader::work)?;
    resume.education = reader.list(&mut root, "education", Reader::education)?;
    reader.skills(&mut root, &mut resume)?;
    resume.languages = reader.named_list(&mut root, "languages", Reader::language)?;
    resume.certifications = reader.named_list(&mut root, "certificates", Reader::certificate)?;
    for key in [
        "volunteer",
        "awards",
        "publications",
        "interests",
        "references",
        "projects",
    ] {
        if let Some(kept) = root.get(key) {
            let entries = kept.as_array().ok_or_else(|| wrong(&format!("/{key}"), "a list"))?;
            if let Some(n) = entries.iter().position(|entry| !entry.is_object()) {
                return Err(wrong(&format!("/{key}/{n}"), "an object"));
            }
        }
    }
    resume.extra = root;
    Ok(resume)
}

/// Reads a date of a record: ISO 8601, with a time behind it, or in words.
fn read_date(text: &str, key: &str) -> Option<PartialDate> {
    let text = text.trim();
    if text.len() > DATE_BYTES_MAX {
        return None;
    }
    let day = text.split_once(['T', ' ']).map_or(text, |(day, _)| day);
    let exact = text.parse().or_else(|_| day.parse()).ok();
    let in_words = || {
        let period = dates::periods_or_date(text, dates::Order::Unknown).into_iter().next()?;
        let (date, _) = match key {
            "endDate" => period.end.or(period.start)?,
            _ => period.start.or(period.end)?,
        };
        Some(date)
    };
    exact.or_else(in_words)
}

fn wrong(at: &str, expected: &str) -> Refusal {
    Refusal::InvalidJsonResume {
        at: at.into(),
        expected: expected.into(),
    }
}

/// Takes the members of this project out of `meta`, which stays only where something else is in it.
fn take_own(root: &mut Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let Some(meta) = root.get_mut("meta") else {
        return Ok(Map::new());
    };
    let meta = meta.as_object_mut().ok_or_else(|| wrong("/meta", "an object"))?;
    let Some(own) = meta.remove(NAMESPACE) else {
        return Ok(Map::new());
    };
    if meta.is_empty() {
        root.remove("meta");
    }
    match own {
        Value::Object(own) => Ok(own),
        _ => Err(wrong(&format!("/meta/{NAMESPACE}"), "an object")),
    }
}

fn is_empty_basics(resume: &Resume) -> bool {
    let Resume {
        name,
        headline,
        emails,
        phones,
        links,
        location,
        summary,
        ..
    } = resume;
    name.is_none()
        && headline.is_none()
        && summary.is_none()
        && location.is_none()
        && emails.is_empty()
        && phones.is_empty()
        && links.is_empty()
}

/// Takes out the members that say nothing.
fn drop_nulls(map: &mut Map<String, Value>) {
    map.retain(|_, value| !value.is_null());
}

/// Takes a member that is an object.
fn object(map: &mut Map<String, Value>, key: &str, path: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match map.remove(key) {
        None => Ok(None),
        Some(Value::Object(mut object)) => {
            drop_nulls(&mut object);
            Ok(Some(object))
        }
        Some(_) => Err(wrong(&format!("{path}/{key}"), "an object")),
    }
}

/// Takes a member that is a list.
fn array(map: &mut Map<String, Value>, key: &str, path: &str) -> Result<Option<Vec<Value>>, Refusal> {
    match map.remove(key) {
        None => Ok(None),
        Some(Value::Array(mut list)) if list.len() <= ENTRIES_MAX => {
            list.retain(|value| !value.is_null());
            list.iter_mut().filter_map(Value::as_object_mut).for_each(drop_nulls);
            Ok(Some(list))
        }
        Some(_) => Err(wrong(
            &format!("{path}/{key}"),
            &format!("a list of at most {ENTRIES_MAX}"),
        )),
    }
}

/// The function that reads one entry of a list, at a path.
type ReadEntry<'a, T> = fn(&Reader<'a>, Map<String, Value>, &str) -> Result<T, Refusal>;

struct Reader<'a> {
    /// The span and confidence of each value, by JSON Pointer.
    provenance: &'a Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn field<T>(&self, value: T, path: &str) -> Field<T> {
        let mut field = Field::stated(value);
        if let Some(known) = self.provenance.get(path) {
            field.span = known
                .get("span")
                .and_then(|span| serde_json::from_value(span.clone()).ok());
            if let Some(confidence) = known.get("confidence").and_then(Value::as_f64) {
                field.confidence = confidence.clamp(0.0, 1.0) as f32;
            }
        }
        field
    }

    /// Takes a member that is a text. An empty one says nothing and stays where it is.
    fn text(&self, map: &mut Map<String, Value>, key: &str, path: &str) -> Result<Option<Field<String>>, Refusal> {
        let path = format!("{path}/{key}");
        match map.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => {
                let field = self.field(text.clone(), &path);
                map.remove(key);
                Ok(Some(field))
            }
            Some(_) => Err(wrong(&path, "a text")),
        }
    }

    fn date(&self, map: &mut Map<String, Value>, key: &str, path: &str) -> Result<Option<Field<PartialDate>>, Refusal> {
        let original = map.get(key).cloned();
        let Some(Field {
            value,
            span,
            confidence,
        }) = self.text(map, key, path)?
        else {
            return Ok(None);
        };
        let Some(value) = read_date(&value, key) else {
            // What says that it goes on is said by the absence of an end; what nobody can read stays.
            if let Some(original) = original.filter(|_| !dates::is_present(&value)) {
                map.insert(key.into(), original);
            }
            return Ok(None);
        };
        Ok(Some(Field {
            value,
            span,
            confidence,
        }))
    }

    /// Takes a member that is a list of texts.
    fn texts(&self, map: &mut Map<String, Value>, key: &str, path: &str) -> Result<Vec<Field<String>>, Refusal> {
        let list = array(map, key, path)?.unwrap_or_default();
        let read = |(n, value): (usize, Value)| match value {
            Value::String(text) => Ok(self.field(text, &format!("{path}/{key}/{n}"))),
            _ => Err(wrong(&format!("{path}/{key}/{n}"), "a text")),
        };
        list.into_iter().enumerate().map(read).collect()
    }

    /// Takes a list of objects.
    fn list<T>(&self, map: &mut Map<String, Value>, key: &str, read: ReadEntry<'a, T>) -> Result<Vec<T>, Refusal> {
        let Some(list) = array(map, key, "")? else {
            return Ok(Vec::new());
        };
        // An empty list says nothing and stays where it is.
        if list.is_empty() {
            map.insert(key.into(), Value::Array(list));
            return Ok(Vec::new());
        }
        let entry = |(n, value)| match value {
            Value::Object(entry) => read(self, entry, &format!("/{key}/{n}")),
            _ => Err(wrong(&format!("/{key}/{n}"), "an object")),
        };
        list.into_iter().enumerate().map(entry).collect()
    }

    /// Takes a list like [`Reader::list`], of entries that are nothing without a name. Where one has none, the list is kept as it
    /// came, beside those that have.
    fn named_list<T>(
        &self,
        map: &mut Map<String, Value>,
        key: &str,
        read: ReadEntry<'a, Option<T>>,
    ) -> Result<Vec<T>, Refusal> {
        let original = map.get(key).cloned();
        let entries = self.list(map, key, read)?;
        let total = entries.len();
        let entries: Vec<T> = entries.into_iter().flatten().collect();
        if entries.len() < total
            && let Some(original) = original
        {
            map.insert(key.into(), original);
        }
        Ok(entries)
    }

    fn basics(&self, basics: &mut Map<String, Value>, resume: &mut Resume) -> Result<(), Refusal> {
        let path = "/basics";
        resume.name = self.text(basics, "name", path)?;
        resume.headline = self.text(basics, "label", path)?;
        resume.summary = self.text(basics, "summary", path)?;
        resume.emails.extend(self.text(basics, "email", path)?);
        resume.emails.extend(self.texts(basics, "x-emails", path)?);
        resume.phones.extend(self.text(basics, "phone", path)?);
        resume.phones.extend(self.texts(basics, "x-phones", path)?);
        let url = match self.text(basics, "url", path)? {
            // As the schema called it before version 1.
            None => self.text(&mut basics.clone(), "website", path)?,
            url => url,
        };
        if let Some(url) = url {
            resume.links.push(Link {
                url,
                network: None,
                extra: Map::new(),
            });
        }
        if let Some(location) = object(basics, "location", path)? {
            match self.location(location.clone())? {
                Some(read) => resume.location = Some(read),
                None => {
                    basics.insert("location".into(), Value::Object(location));
                }
            }
        }
        let original = basics.get("profiles").cloned();
        let profiles = array(basics, "profiles", path)?.unwrap_or_default();
        let total = profiles.len();
        let mut links = Vec::with_capacity(total);
        for (n, profile) in profiles.into_iter().enumerate() {
            let path = format!("/basics/profiles/{n}");
            let Value::Object(mut profile) = profile else {
                return Err(wrong(&path, "an object"));
            };
            let network = self.text(&mut profile, "network", &path)?.map(|network| network.value);
            if let Some(url) = self.text(&mut profile, "url", &path)? {
                if network.is_none() && profile.is_empty() && links.is_empty() && resume.links.is_empty() {
                    profile.insert(IS_PROFILE.into(), true.into());
                }
                links.push(Link {
                    url,
                    network,
                    extra: profile,
                });
            }
        }
        if (links.len() < total || total == 0)
            && let Some(original) = original
        {
            basics.insert("profiles".into(), original);
        }
        resume.links.extend(links);
        Ok(())
    }

    fn location(&self, location: Map<String, Value>) -> Result<Option<Location>, Refusal> {
        let mut parts = Vec::new();
        for key in ["address", "city", "region", "countryCode"] {
            match location.get(key) {
                Some(Value::String(part)) if !part.trim().is_empty() => parts.push(part.clone()),
                None | Some(Value::String(_)) => {}
                Some(_) => return Err(wrong(&format!("/basics/location/{key}"), "a text")),
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let text = self.field(parts.join(", "), "/basics/location");
        // A lone address is the text itself.
        let alone = location.len() == 1 && location.contains_key("address");
        Ok(Some(Location {
            text,
            extra: if alone { Map::new() } else { location },
        }))
    }

    fn work(&self, mut entry: Map<String, Value>, path: &str) -> Result<Experience, Refusal> {
        let mut employer = self.text(&mut entry, "name", path)?;
        if employer.is_none() {
            // As the schema called it before version 1.
            employer = self.text(&mut entry.clone(), "company", path)?;
        }
        let start = self.date(&mut entry, "startDate", path)?;
        let end = self.date(&mut entry, "endDate", path)?;
        let current = match entry.remove("x-current") {
            Some(Value::Bool(current)) => current,
            Some(_) => return Err(wrong(&format!("{path}/x-current"), "true or false")),
            // An end that nobody can read is an end.
            None => start.is_some() && end.is_none() && !entry.get("endDate").is_some_and(|end| end != ""),
        };
        let months = match entry.remove("x-months") {
            Some(months) => Some(
                months
                    .as_u64()
                    .ok_or_else(|| wrong(&format!("{path}/x-months"), "a number"))? as u32,
            ),
            None => None,
        };
        Ok(Experience {
            employer,
            team: self.text(&mut entry, "x-team", path)?,
            title: self.text(&mut entry, "position", path)?,
            start,
            end,
            current,
            location: self.text(&mut entry, "location", path)?,
            description: self.text(&mut entry, "summary", path)?,
            highlights: self.texts(&mut entry, "highlights", path)?,
            months,
            extra: entry,
        })
    }

    fn education(&self, mut entry: Map<String, Value>, path: &str) -> Result<Education, Refusal> {
        Ok(Education {
            school: self.text(&mut entry, "institution", path)?,
            degree: self.text(&mut entry, "studyType", path)?,
            field: self.text(&mut entry, "area", path)?,
            start: self.date(&mut entry, "startDate", path)?,
            end: self.date(&mut entry, "endDate", path)?,
            extra: entry,
        })
    }

    fn language(&self, mut entry: Map<String, Value>, path: &str) -> Result<Option<Language>, Refusal> {
        let fluency = self.text(&mut entry, "fluency", path)?;
        let name = self.text(&mut entry, "language", path)?;
        Ok(name.map(|name| Language {
            name,
            fluency,
            extra: entry,
        }))
    }

    fn certificate(&self, mut entry: Map<String, Value>, path: &str) -> Result<Option<Certification>, Refusal> {
        let date = self.date(&mut entry, "date", path)?;
        // What is no certificate here is kept as it came.
        let Some(name) = self.text(&mut entry, "name", path)? else {
            return Ok(None);
        };
        let issuer = self.text(&mut entry, "issuer", path)?;
        Ok(Some(Certification {
            name,
            issuer,
            date,
            extra: entry,
        }))
    }

    /// Takes the skills. The schema has groups of keywords, a [`Resume`] a flat list: groups are kept as they came, beside the
    /// list.
    fn skills(&self, root: &mut Map<String, Value>, resume: &mut Resume) -> Result<(), Refusal> {
        let original = root.get("skills").cloned();
        let mut grouped = false;
        for (n, group) in array(root, "skills", "")?.unwrap_or_default().into_iter().enumerate() {
            let path = format!("/skills/{n}");
            let Value::Object(mut group) = group else {
                return Err(wrong(&path, "an object"));
            };
            let keywords = self.texts(&mut group, "keywords", &path)?;
            let name = self.text(&mut group, "name", &path)?;
            if let (Some(name), true) = (&name, keywords.is_empty()) {
                resume.skills.push(skill(name.clone(), &mut group, &path)?);
            }
            grouped |= !group.is_empty() || !keywords.is_empty() || name.is_none();
            for keyword in keywords {
                resume.skills.push(skill(keyword, &mut Map::new(), &path)?);
            }
        }
        if (grouped || resume.skills.is_empty())
            && let Some(original) = original
        {
            root.insert("skills".into(), original);
        }
        Ok(())
    }
}

fn skill(name: Field<String>, group: &mut Map<String, Value>, path: &str) -> Result<Skill, Refusal> {
    let number = |value: Option<Value>| value.and_then(|value| value.as_u64()).map(|number| number as u32);
    let last_used = match group.remove("x-last-used") {
        Some(Value::String(date)) => Some(
            date.parse()
                .map_err(|_| wrong(&format!("{path}/x-last-used"), "a date as YYYY, YYYY-MM or YYYY-MM-DD"))?,
        ),
        Some(_) => return Err(wrong(&format!("{path}/x-last-used"), "a date")),
        None => None,
    };
    let label = match group.remove("x-label") {
        Some(Value::String(label)) => Some(label),
        _ => skills::lookup(&name.value).map(str::to_owned),
    };
    let id = match group.remove("x-id") {
        Some(Value::String(id)) => Some(id),
        _ => label.as_deref().map(skills::slug),
    };
    Ok(Skill {
        name,
        id,
        label,
        months_used: number(group.remove("x-months-used")),
        last_used,
    })
}
