//! Turns an export of Reactive Resume (versions 3 and 4) into a JSON Resume. Both have `basics`, but their lists stand under
//! `sections`.

use serde_json::{Map, Value, json};

use crate::parse::dates;

/// The function that turns one item of a section into an entry.
type ReadItem = fn(&Value) -> Value;

/// Returns the JSON Resume that an export means. `None` where the value is no such export.
pub(super) fn as_json_resume(root: &Map<String, Value>) -> Option<Value> {
    let sections = root.get("sections")?.as_object()?;
    let own = ["work", "education", "skills", "basics"];
    if !root.get("basics").is_some_and(Value::is_object) || own[..3].iter().any(|key| root.contains_key(*key)) {
        return None;
    }
    let mut resume = Map::new();
    resume.insert("basics".into(), basics(root, sections));
    let lists: [(&str, &[&str], ReadItem); 5] = [
        ("work", &["experience", "work"], work),
        ("education", &["education"], education),
        ("skills", &["skills"], skill),
        ("languages", &["languages"], language),
        ("certificates", &["certifications"], certificate),
    ];
    for (key, names, read) in lists {
        let entries: Vec<Value> = names.iter().flat_map(|name| items(sections, name)).map(read).collect();
        if !entries.is_empty() {
            resume.insert(key.into(), entries.into());
        }
    }
    for (key, name) in [
        ("projects", "projects"),
        ("awards", "awards"),
        ("interests", "interests"),
    ] {
        let entries: Vec<Value> = items(sections, name)
            .map(|item| {
                compact([
                    ("name", text(item, &["name", "title"])),
                    ("summary", plain(item, "summary")),
                ])
            })
            .collect();
        if !entries.is_empty() {
            resume.insert(key.into(), entries.into());
        }
    }
    Some(Value::Object(resume))
}

/// Returns a section that is shown.
fn shown<'a>(sections: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    sections
        .get(name)
        .filter(|section| section.get("visible") != Some(&Value::Bool(false)))
}

/// Returns the items of a section that are shown.
fn items<'a>(sections: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let list = shown(sections, name).and_then(|section| section.get("items")?.as_array());
    let is_shown = |item: &&Value| item.is_object() && item.get("visible") != Some(&Value::Bool(false));
    list.into_iter().flatten().filter(is_shown)
}

/// Returns the first text that is not empty among some members.
fn text(item: &Value, names: &[&str]) -> Option<Value> {
    let named = names.iter().filter_map(|name| item.get(*name)?.as_str());
    named.map(str::trim).find(|text| !text.is_empty()).map(Value::from)
}

/// Returns the address of a member that is one or holds one.
fn address(item: &Value, names: &[&str]) -> Option<Value> {
    let inside = names
        .iter()
        .filter_map(|name| item.get(*name))
        .find_map(|link| text(link, &["href"]));
    text(item, names).or(inside)
}

/// Returns a member without the tags that its editor wrote.
fn plain(item: &Value, name: &str) -> Option<Value> {
    let html = item.get(name)?.as_str()?;
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let Some((name, after)) = tag.split_once('>') else {
            break;
        };
        // Blocks end a line; what is inside one does not.
        if ["/p", "/li", "br", "br/", "/div", "/ul"].contains(&name.trim()) {
            out.push('\n');
        }
        rest = after;
    }
    out.push_str(rest);
    let out = out
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// Makes an object of the members that are there.
fn compact<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let known = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(known.collect())
}

fn basics(root: &Map<String, Value>, sections: &Map<String, Value>) -> Value {
    let Some(basics) = root.get("basics") else {
        return json!({});
    };
    let place = basics.get("location").map(|place| match place {
        Value::String(address) => json!({ "address": address }),
        place => compact([
            ("address", text(place, &["address"])),
            ("city", text(place, &["city"])),
            ("region", text(place, &["region"])),
            ("countryCode", text(place, &["country"])),
            ("postalCode", text(place, &["postalCode"])),
        ]),
    });
    let own = basics.get("profiles").and_then(Value::as_array);
    let profiles: Vec<Value> = own
        .into_iter()
        .flatten()
        .chain(items(sections, "profiles"))
        .map(|profile| {
            compact([
                ("network", text(profile, &["network"])),
                ("username", text(profile, &["username"])),
                ("url", address(profile, &["url"])),
            ])
        })
        .collect();
    let summary = shown(sections, "summary").and_then(|summary| plain(summary, "content"));
    compact([
        ("name", text(basics, &["name"])),
        ("label", text(basics, &["headline", "label"])),
        ("email", text(basics, &["email"])),
        ("phone", text(basics, &["phone"])),
        ("url", address(basics, &["url", "website"])),
        ("summary", plain(basics, "summary").or(summary)),
        ("location", place),
        ("profiles", (!profiles.is_empty()).then(|| profiles.into())),
    ])
}

/// Returns the beginning and the end of an item, and whether it goes on. Version 3 has a member for each, version 4 one text.
fn period(item: &Value) -> (Option<Value>, Option<Value>, Option<Value>) {
    match item.get("date") {
        Some(Value::String(date)) => {
            let Some(period) = dates::periods_or_date(date, dates::order_of(date)).into_iter().next() else {
                return (None, None, None);
            };
            let show = |date: Option<(crate::PartialDate, _)>| date.map(|(date, _)| Value::from(date.to_string()));
            (show(period.start), show(period.end), Some(period.current.into()))
        }
        Some(dates) => (text(dates, &["start"]), text(dates, &["end"]), None),
        None => (None, None, None),
    }
}

fn work(item: &Value) -> Value {
    let (start, end, current) = period(item);
    compact([
        ("name", text(item, &["company", "name"])),
        ("position", text(item, &["position"])),
        ("location", text(item, &["location"])),
        ("startDate", start),
        ("endDate", end),
        ("x-current", current),
        ("summary", plain(item, "summary")),
    ])
}

fn education(item: &Value) -> Value {
    let (start, end, _) = period(item);
    compact([
        ("institution", text(item, &["institution"])),
        ("studyType", text(item, &["studyType", "degree"])),
        ("area", text(item, &["area"])),
        ("startDate", start),
        ("endDate", end),
    ])
}

fn skill(item: &Value) -> Value {
    let keywords = item.get("keywords").filter(|keywords| keywords.is_array());
    compact([("name", text(item, &["name"])), ("keywords", keywords.cloned())])
}

fn language(item: &Value) -> Value {
    compact([
        ("language", text(item, &["name", "language"])),
        ("fluency", text(item, &["description", "fluency", "level"])),
    ])
}

fn certificate(item: &Value) -> Value {
    let (start, end, _) = period(item);
    compact([
        ("name", text(item, &["name", "title"])),
        ("issuer", text(item, &["issuer"])),
        ("date", start.or(end)),
    ])
}
