//! Files made by the tests themselves: small, of a known order, and broken in known ways.

use std::{fmt::Write as _, io::Write as _, sync::LazyLock};

use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

#[path = "../../tests/library/mod.rs"]
mod library;
mod unseen;

/// The PDF library; a process loads it once.
static PDF: LazyLock<PdfLibrary> = LazyLock::new(|| {
    let known = PDF_LIBRARIES.iter().find(|(known, _)| *known == std::env::consts::ARCH);
    PdfLibrary::open(&library::path(known.unwrap().1)).unwrap()
});

fn read_file(bytes: &[u8]) -> Result<Document, Refusal> {
    read(bytes, Hint::default(), &Limits::default(), Some(&PDF))
}

fn text_of(bytes: &[u8]) -> String {
    read_file(bytes).unwrap().text
}

fn code_of(bytes: &[u8]) -> &'static str {
    read_file(bytes).map_or_else(|refusal| refusal.code(), |_| "read")
}

/// A line of text at a place of the page, from its top left corner, in points.
struct Print<'a> {
    x: f64,
    y: f64,
    size: f64,
    text: &'a str,
}

/// Makes a PDF whose pages show these lines, drawn in the order given.
fn pdf(pages: &[Vec<Print<'_>>]) -> Vec<u8> {
    let contents = pages.iter().map(|page| {
        let mut content = String::from("BT\n");
        for print in page {
            let text = print.text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            writeln!(
                content,
                "/F1 {} Tf 1 0 0 1 {} {} Tm ({text}) Tj",
                print.size,
                print.x,
                792.0 - print.y
            )
            .unwrap();
        }
        content + "ET"
    });
    pdf_of(&contents.collect::<Vec<_>>(), "", "")
}

/// Makes a PDF of pages with these contents. `extra` are objects from number 1000 on, a NUL between two, `resources` what the pages have beside a
/// font.
fn pdf_of(contents: &[String], resources: &str, extra: &str) -> Vec<u8> {
    let mut objects: Vec<(usize, String)> = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".into()),
        (
            3,
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into(),
        ),
    ];
    let mut kids = String::new();
    for (n, content) in contents.iter().enumerate() {
        let (page, stream) = (10 + 2 * n, 11 + 2 * n);
        write!(kids, "{page} 0 R ").unwrap();
        objects.push((
            page,
            format!("<</Type/Page/Parent 2 0 R/Contents {stream} 0 R/Resources<</Font<</F1 3 0 R>>{resources}>>>>"),
        ));
        objects.push((
            stream,
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        ));
    }
    objects.push((
        2,
        format!(
            "<</Type/Pages/Kids[{kids}]/Count {}/MediaBox[0 0 612 792]>>",
            contents.len()
        ),
    ));
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects {
        places.push((number, file.len()));
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    for (number, object) in (1000..).zip(extra.split('\0')).filter(|(_, object)| !object.is_empty()) {
        places.push((number, file.len()));
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let start = file.len();
    file.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in places {
        file.extend(format!("{number} 1\n{place:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer<</Size 1100/Root 1 0 R>>\nstartxref\n{start}\n%%EOF").bytes());
    file
}

/// Returns the share of lines in the right order, by the lesser of two measures. One counts all pairs of lines that come in the
/// right order, the other neighbours with nothing between them. Lines read across two columns keep the order inside each column;
/// the second measure tells.
fn share_in_order(text: &str, expected: &[String]) -> f64 {
    let places: Vec<Option<usize>> = expected.iter().map(|line| text.find(line.as_str())).collect();
    let (mut pairs, mut in_order) = (0.0, 0.0);
    for (n, first) in places.iter().enumerate() {
        for second in &places[n + 1..] {
            pairs += 1.0;
            in_order += f64::from(u8::from(matches!((first, second), (Some(a), Some(b)) if a < b)));
        }
    }
    let adjacent = places.windows(2).zip(expected).filter(|(pair, line)| match pair {
        [Some(a), Some(b)] => text
            .get(a + line.len()..*b)
            .is_some_and(|between| between.trim().is_empty()),
        _ => false,
    });
    (in_order / pairs).min(adjacent.count() as f64 / (expected.len() - 1) as f64)
}

/// Returns prose that fills a column without ever repeating a line.
fn prose(name: &str, n: usize, words: usize) -> String {
    let pool = [
        "built", "services", "that", "carry", "orders", "across", "regions", "with", "teams", "of", "several", "people",
    ];
    let body: Vec<&str> = (0..words).map(|word| pool[(n * 7 + word * 5) % pool.len()]).collect();
    format!("{name}{n} {}", body.join(" "))
}

const HEADING: &str = "A heading that runs over both of the columns of this page, from one margin to the other one";

#[test]
fn two_columns_are_read_one_after_the_other() {
    // (left edge of the right column, lines left, lines right, leading left, leading right, words left, words right)
    let layouts = [
        (310.0, 30, 30, 14.0, 14.0, 5, 5),
        (310.0, 40, 22, 14.0, 14.0, 5, 5),
        (200.0, 18, 40, 16.0, 13.0, 2, 8),
        (200.0, 25, 40, 14.0, 14.0, 2, 8),
        (400.0, 40, 16, 12.0, 15.0, 7, 2),
        (330.0, 12, 45, 30.0, 13.0, 5, 5),
    ];
    let (mut pairs, mut in_order) = (0.0, 0.0);
    for (layout, (edge, left, right, left_leading, right_leading, left_words, right_words)) in
        layouts.into_iter().enumerate()
    {
        for shuffled in [false, true] {
            let lefts: Vec<String> = (0..left).map(|n| prose("Left", n, left_words)).collect();
            let rights: Vec<String> = (0..right).map(|n| prose("Right", n, right_words)).collect();
            let mut prints = vec![
                Print {
                    x: 60.0,
                    y: 60.0,
                    size: 22.0,
                    text: "Jane Doe",
                },
                Print {
                    x: 60.0,
                    y: 84.0,
                    size: 10.0,
                    text: HEADING,
                },
            ];
            for (n, text) in lefts.iter().enumerate() {
                prints.push(Print {
                    x: 60.0,
                    y: 120.0 + n as f64 * left_leading,
                    size: 10.0,
                    text,
                });
            }
            for (n, text) in rights.iter().enumerate() {
                prints.push(Print {
                    x: edge,
                    y: 120.0 + n as f64 * right_leading,
                    size: 10.0,
                    text,
                });
            }
            if shuffled {
                // Drawn line by line over the page, as some typesetters do.
                prints.sort_by(|a, b| a.y.total_cmp(&b.y));
            }
            let text = text_of(&pdf(&[prints]));
            let expected: Vec<String> = ["Jane Doe".to_owned(), HEADING.to_owned()]
                .into_iter()
                .chain(lefts)
                .chain(rights)
                .collect();
            let share = share_in_order(&text, &expected);
            assert!(share >= 0.95, "layout {layout}: {share}\n{text}");
            pairs += (expected.len() - 1) as f64;
            in_order += share * (expected.len() - 1) as f64;
        }
    }
    assert!(in_order / pairs >= 0.98, "{}", in_order / pairs);
}

#[test]
fn a_sidebar_of_short_lists_is_a_column() {
    let side = [
        "CONTACT",
        "jane@example.com",
        "415 555 0134",
        "SKILLS",
        "Python",
        "Rust",
        "SQL",
        "Docker",
        "LANGUAGES",
        "English",
        "Spanish",
    ];
    let main = [
        "EXPERIENCE",
        "Acme Corporation",
        "Software Engineer, Jan 2019 - Present",
        "Built the service that carries all of the orders",
        "and keeps them in order",
        "Globex Inc",
        "Developer, Mar 2015 - Dec 2018",
        "Wrote the reports that everybody reads on Monday",
        "EDUCATION",
        "Reed College",
        "Bachelor of Arts, 2014",
        "Thesis on queues",
    ];
    let mut prints = vec![Print {
        x: 220.0,
        y: 50.0,
        size: 24.0,
        text: "Jane Doe",
    }];
    for (n, text) in side.iter().enumerate() {
        prints.push(Print {
            x: 40.0,
            y: 110.0 + n as f64 * 15.0,
            size: 10.0,
            text,
        });
    }
    for (n, text) in main.iter().enumerate() {
        prints.push(Print {
            x: 220.0,
            y: 110.0 + n as f64 * 15.0,
            size: 10.0,
            text,
        });
    }
    let text = text_of(&pdf(&[prints]));
    let expected: Vec<String> = ["Jane Doe"]
        .iter()
        .chain(&side)
        .chain(&main)
        .map(|line| (*line).to_owned())
        .collect();
    assert!(share_in_order(&text, &expected) >= 0.95, "{text}");
}

#[test]
fn dates_at_the_margin_stay_with_their_lines() {
    let mut prints = Vec::new();
    let rows = [
        ("Acme Corporation", "Jan 2019 - Present"),
        ("Globex Inc", "Mar 2015 - Dec 2018"),
        ("Initech", "2012 - 2015"),
        ("Hooli", "2010 - 2012"),
    ];
    for (n, (left, right)) in rows.iter().enumerate() {
        let y = 100.0 + n as f64 * 60.0;
        prints.push(Print {
            x: 60.0,
            y,
            size: 10.0,
            text: left,
        });
        prints.push(Print {
            x: 460.0,
            y,
            size: 10.0,
            text: right,
        });
        prints.push(Print {
            x: 60.0,
            y: y + 14.0,
            size: 10.0,
            text: "Software Engineer",
        });
        prints.push(Print {
            x: 60.0,
            y: y + 28.0,
            size: 10.0,
            text: "Kept things going for a good while",
        });
    }
    let text = text_of(&pdf(&[prints]));
    for (left, right) in rows {
        assert!(text.contains(&format!("{left}\t{right}\nSoftware Engineer")), "{text}");
    }
}

#[test]
fn labels_stay_with_their_values() {
    let mut prints = Vec::new();
    let rows = [
        ("Languages:", "Rust, Python"),
        ("Databases:", "PostgreSQL"),
        ("Tools:", "Docker"),
        ("Clouds:", "AWS"),
        ("Systems:", "Linux"),
    ];
    for (n, (left, right)) in rows.iter().enumerate() {
        let y = 100.0 + n as f64 * 14.0;
        prints.push(Print {
            x: 60.0,
            y,
            size: 10.0,
            text: left,
        });
        prints.push(Print {
            x: 200.0,
            y,
            size: 10.0,
            text: right,
        });
    }
    let text = text_of(&pdf(&[prints]));
    assert!(
        rows.iter()
            .all(|(left, right)| text.contains(&format!("{left}\t{right}"))),
        "{text}"
    );
}

#[test]
fn pages_are_told_apart() {
    let page = |text| {
        vec![Print {
            x: 60.0,
            y: 60.0,
            size: 10.0,
            text,
        }]
    };
    let document = read_file(&pdf(&[page("First page of Zoë"), page("Second page")])).unwrap();
    let slices: Vec<String> = document
        .pages
        .iter()
        .map(|page| {
            inventure_core::Span {
                page: None,
                start: page.start,
                end: page.end,
            }
            .of(&document.text)
            .to_owned()
        })
        .collect();
    assert!(
        slices[0].starts_with("First page") && slices[1] == "Second page",
        "{slices:?}"
    );
    assert_eq!(document.page_of(document.pages[1].start), Some(2));
    assert_eq!(document.page_of(0), Some(1));
}

#[test]
fn forms_quotes_and_turned_text_are_read() {
    let form = "<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Matrix[1 0 0 1 0 -20]/Resources<</Font<</G 3 0 R>>/XObject<</Me 1000 0 R>>>>/Length 57>>stream\nBT /G 10 Tf 60 680 Td (drawn by a form) Tj ET /Me Do     \nendstream";
    let content = "/Missing gs /Nowhere cs BT /F1 10 Tf 12 TL 60 700 Td (first) Tj (second) ' 0 0 (third) \" ET q /Fm Do Q BT 0 1 -1 0 580 100 Tm (climbs the margin) Tj ET";
    let text = text_of(&pdf_of(&[content.into()], "/XObject<</Fm 1000 0 R>>", form));
    for line in ["first", "second", "third", "drawn by a form", "climbs the margin"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn what_stands_in_the_margin_of_every_page_is_read_once() {
    let line = |x, y, text| Print { x, y, size: 10.0, text };
    let page = |number: &'static str, body: &'static str, name: &'static str| {
        vec![
            line(60.0, 30.0, name),
            line(60.0, 300.0, body),
            line(60.0, 320.0, "Said on every page, and no margin"),
            line(280.0, 770.0, number),
        ]
    };
    let text = text_of(&pdf(&[
        page("Seen by 1 of 3", "First", "Jane Doe, curriculum vitae"),
        page("Seen by 2 of 3", "Second", "Jane Doe, curriculum vitae"),
        page("Seen by 3 of 3", "Third", "A line of its own at the top"),
    ]));
    assert_eq!(text.matches("Jane Doe").count(), 1, "{text}");
    assert_eq!(text.matches("Seen by").count(), 1, "{text}");
    assert_eq!(text.matches("no margin").count(), 3, "{text}");
    assert!(text.contains("A line of its own") && text.contains("Third"), "{text}");
}

#[test]
fn what_differs_from_page_to_page_or_belongs_to_the_body_is_no_margin() {
    let line = |y, text| Print {
        x: 60.0,
        y,
        size: 10.0,
        text,
    };
    let two = |first: [&'static str; 2], second: [&'static str; 2]| {
        let page = |[top, below]: [&'static str; 2]| vec![line(40.0, top), line(54.0, below), line(300.0, "Body")];
        text_of(&pdf(&[page(first), page(second)]))
    };
    // Numbers other than the page's own tell lines apart.
    let dates = two(["Mar 2019 – Feb 2021", ""], ["Mar 2016 – Feb 2018", ""]);
    assert!(dates.contains("2019") && dates.contains("2016"), "{dates}");
    let phone = two(["1", ""], ["+44 7700 900123", ""]);
    assert!(phone.contains("900123"), "{phone}");
    // A line that the next one follows closely begins the body.
    let employers = two(["Acme Ltd", "Engineer"], ["Acme Ltd", "Apprentice"]);
    assert_eq!(employers.matches("Acme").count(), 2, "{employers}");
}

/// Some programs set letters closer than the widths of their font, and leave gaps for blanks.
#[test]
fn blanks_are_seen_behind_letters_that_claim_too_much_room() {
    let mut glyphs = Vec::new();
    let mut x = 60.0;
    for letter in "of all of the offers of our office".chars() {
        if letter == ' ' {
            x += 2.5;
            continue;
        }
        glyphs.push(layout::Glyph {
            x,
            y: 100.0,
            direction: (1.0, 0.0),
            advance: 6.0,
            size: 11.0,
            text: letter.to_string(),
            origin: NOWHERE,
        });
        x += if letter == 'f' { 3.5 } else { 4.4 };
    }
    let text: String = layout::text(glyphs).into_iter().map(|letter| letter.0).collect();
    assert_eq!(text, "of all of the offers of our office");
}

#[test]
fn boxes_are_those_of_the_page_as_it_is_shown() {
    // A word 30 points wide at (100, 200) from the lower left corner of a page of 612 by 792.
    let file = |turn: u32| {
        let content = "BT /F1 10 Tf 1 0 0 1 100 200 Tm (wwwwww) Tj ET".to_owned();
        let file = String::from_utf8(pdf_of(&[content], "", "")).unwrap();
        file.replace("/Type/Page/", &format!("/Type/Page/Rotate {turn}/"))
            .into_bytes()
    };
    let area = |turn| read_file(&file(turn)).unwrap().words[0].area.unwrap();
    let near = |a: f32, b: f32| (a - b).abs() < 12.0;
    let upright = area(0);
    assert!(near(upright.left, 100.0) && near(upright.bottom, 592.0), "{upright:?}");
    let right = area(90);
    assert!(near(right.left, 200.0) && near(right.top, 100.0), "{right:?}");
    let over = area(180);
    assert!(near(over.right, 512.0) && near(over.top, 200.0), "{over:?}");
    let left = area(270);
    assert!(near(left.right, 592.0) && near(left.bottom, 512.0), "{left:?}");
}

#[test]
fn refusals_say_what_is_wrong() {
    let page = |text| {
        vec![Print {
            x: 60.0,
            y: 60.0,
            size: 10.0,
            text,
        }]
    };
    let many: Vec<_> = (0..500).map(|_| page("more")).collect();
    assert_eq!(
        read_file(&pdf(&many)),
        Err(Refusal::TooManyPages { pages: 500, limit: 30 })
    );
    let picture = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nx\nendstream";
    let scan = pdf_of(
        &["q 612 0 0 792 0 0 cm /Im Do Q".into()],
        "/XObject<</Im 1000 0 R>>",
        picture,
    );
    assert_eq!(code_of(&scan), "needs_ocr");
    assert_eq!(code_of(&pdf_of(&[String::new()], "", "")), "empty");
    assert_eq!(code_of(b""), "empty");
    assert_eq!(code_of(b" \n\t "), "empty");
    assert_eq!(code_of(b"\x89PNG\r\n\x1a\n...."), "needs_ocr");
    assert_eq!(code_of(b"\x7fELF\x02\x01\x01\0\0\0"), "unsupported_format");
    assert_eq!(code_of(b"%PDF-1.7\nnothing of the kind"), "corrupt");
    assert_eq!(code_of(b"PK\x03\x04nothing of the kind"), "corrupt");
    assert_eq!(
        code_of(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 Word.Document.8"),
        "unsupported_format"
    );
    let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        code_of(&[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &locked].concat()),
        "encrypted"
    );
    assert_eq!(code_of(&vec![b'a'; 10_000_001]), "too_large");
    assert_eq!(code_of("word ".repeat(50_000).as_bytes()), "too_long");
    assert_eq!(code_of(b"[1, 2]"), "unsupported_format");
    assert_eq!(code_of(br#"{"some": "record"}"#), "invalid_json_resume");
    assert_eq!(code_of(br#"{"basics": {"name": 7}}"#), "invalid_json_resume");
    let german = "Ich habe in den letzten zehn Jahren als Entwickler in verschiedenen Unternehmen gearbeitet und dabei viele \
        Erfahrungen mit der Entwicklung von verteilten Systemen gesammelt. Außerdem leite ich seit drei Jahren eine Gruppe von \
        fünf Mitarbeitern und bin für die Planung und Umsetzung unserer Projekte verantwortlich.";
    assert_eq!(
        read_file(german.as_bytes()),
        Err(Refusal::UnsupportedLanguage { language: "deu".into() })
    );
}

#[test]
fn an_encrypted_pdf_is_refused() {
    // No password opens this one.
    let mut file = String::from_utf8(pdf_of(&["BT ET".into()], "", "<</Filter/Standard/V 1/R 2/Length 40/P -4/O<0000000000000000000000000000000000000000000000000000000000000000>/U<0000000000000000000000000000000000000000000000000000000000000000>>>")).unwrap();
    file = file.replace("/Root 1 0 R", "/Root 1 0 R/Encrypt 1000 0 R/ID[<00><00>]");
    assert_eq!(code_of(file.as_bytes()), "encrypted");
}

/// Makes a page with a line in print and another one drawn by these operators.
fn page_with(operators: &str) -> Vec<u8> {
    let seen = "BT /F1 10 Tf 1 0 0 1 72 700 Tm (Jane Doe answers sixty calls a day in the evening shift) Tj ET";
    let form = |state: &str, bounds: &str| {
        let words = format!("BT {state} /F1 10 Tf 1 0 0 1 72 500 Tm (Kubernetes) Tj ET");
        let head = format!("/Type/XObject/Subtype/Form/BBox[{bounds}]/Resources<</Font<</F1 3 0 R>>>>");
        format!("<<{head}/Length {}>>stream\n{words}\nendstream", words.len())
    };
    let white = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray\
                 /Filter/ASCIIHexDecode/Length 3>>stream\nff>\nendstream";
    let resources = "/XObject<</Im 1000 0 R/Fm 1001 0 R/Fw 1002 0 R/Fb 1003 0 R>>/ExtGState<</Faint<</ca .02>>>>";
    let whole = "0 0 612 792";
    let extra = [
        white.to_owned(),
        form("", "0 0 1 1"),
        form("1 g", whole),
        form("", whole),
    ]
    .join("\0");
    pdf_of(&[format!("{seen}\n{operators}")], resources, &extra)
}

/// Operators that draw a white picture over a part of the page.
const PICTURE: &str = "q 300 0 0 40 60 480 cm /Im Do Q\n";

#[test]
fn what_nobody_sees_is_not_read() {
    let text = |state: &str, place: &str| format!("q BT {state} 1 0 0 1 {place} Tm (Kubernetes) Tj ET Q");
    let panel = |colour: &str| format!("{colour} rg 60 480 300 40 re f\n");
    for (why, operators) in [
        ("an invisible mode", text("/F1 10 Tf 3 Tr", "72 500")),
        ("a clip", text("/F1 10 Tf 7 Tr", "72 500")),
        ("white", text("1 g /F1 10 Tf", "72 500")),
        ("nearly white", text(".97 .98 .99 rg /F1 10 Tf", "72 500")),
        ("no size", text("/F1 1 Tf", "72 500")),
        ("below the page", text("/F1 10 Tf", "72 -40")),
        ("beside the page", text("/F1 10 Tf", "700 500")),
        ("above the page", text("/F1 10 Tf", "72 900")),
        (
            "the panel's colour",
            panel("0 0 .5") + &text("0 0 .5 rg /F1 10 Tf", "72 500"),
        ),
        ("white on a panel", panel("1 1 1") + &text("1 g /F1 10 Tf", "72 500")),
        ("a panel over it", text("/F1 10 Tf", "72 500") + &panel("1 1 1")),
        ("a picture over it", text("/F1 10 Tf", "72 500") + PICTURE),
        (
            "white on a white picture",
            PICTURE.to_owned() + &text("1 g /F1 10 Tf", "72 500"),
        ),
        (
            "outside of a clip",
            format!("q 0 0 1 1 re W n {} Q", text("/F1 10 Tf", "72 500")),
        ),
        ("outside of a form's box", "/Fm Do".to_owned()),
        ("white in a form", "/Fw Do".to_owned()),
        ("hardly any ink", text("/Faint gs /F1 10 Tf", "72 500")),
        ("letters like lines", text("/F1 10 Tf 2 Tz", "72 500")),
        (
            "under other words, and a panel between",
            text("/F1 10 Tf", "72 500") + &panel("1 1 1") + "BT /F1 10 Tf 1 0 0 1 72 500 Tm (Telephony) Tj ET",
        ),
        (
            "white under other words on a picture",
            PICTURE.to_owned() + &text("1 g /F1 10 Tf", "72 500") + "BT /F1 10 Tf 1 0 0 1 72 500 Tm (Telephony) Tj ET",
        ),
    ] {
        let read = text_of(&page_with(&operators));
        assert!(
            !read.contains("Kubernetes") && read.contains("Jane Doe"),
            "{why}: {read}"
        );
    }
    for (why, operators) in [
        ("black", text("0 g /F1 10 Tf", "72 500")),
        ("grey", text(".6 g /F1 10 Tf", "72 500")),
        ("small print", text("/F1 5 Tf", "72 500")),
        ("an outline", text("0 G 1 Tr /F1 10 Tf", "72 500")),
        ("white on dark", panel("0 0 .5") + &text("1 g /F1 10 Tf", "72 500")),
        (
            "black on a picture",
            PICTURE.to_owned() + &text("0 g /F1 10 Tf", "72 500"),
        ),
        (
            "inside of a clip",
            format!("q 60 480 300 40 re W n {} Q", text("/F1 10 Tf", "72 500")),
        ),
        ("black in a form", "/Fb Do".to_owned()),
        ("narrow letters", text("/F1 10 Tf 50 Tz", "72 500")),
        (
            "close to other lines",
            text("/F1 10 Tf", "72 500") + "BT /F1 10 Tf 1 0 0 1 72 492 Tm (Telephony and typing) Tj ET",
        ),
        (
            "black beside what a clip leaves of a black shape",
            format!(
                "q 60 400 300 1 re W n 0 g 0 0 612 792 re f Q {}",
                text("0 g /F1 10 Tf", "72 500")
            ),
        ),
        (
            "navy beside a navy triangle",
            format!(
                "0 0 .5 rg 0 792 m 612 792 l 0 300 l f {}",
                text("0 0 .5 rg /F1 10 Tf", "400 420")
            ),
        ),
        (
            "black in a black frame",
            format!(
                "0 g 60 480 300 40 re 62 482 296 36 re f* {}",
                text("0 g /F1 10 Tf", "72 500")
            ),
        ),
    ] {
        let read = text_of(&page_with(&operators));
        assert!(read.contains("Kubernetes"), "{why}: {read}");
    }
}

#[test]
fn the_text_under_a_scan_is_read() {
    // Stripes, as close as letters.
    let stripes = "00ff".repeat(153);
    let picture = format!(
        "<</Type/XObject/Subtype/Image/Width 306/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/ASCIIHexDecode\
         /Length {}>>stream\n{stripes}>\nendstream",
        stripes.len() + 1
    );
    let picture = picture.as_str();
    let words = "Jane Doe, registered nurse at Harbourview Hospital since May 2018";
    let content = format!("q 612 0 0 792 0 0 cm /Im Do Q BT /F1 10 Tf 3 Tr 1 0 0 1 72 700 Tm ({words}) Tj ET");
    let scan = read_file(&pdf_of(&[content], "/XObject<</Im 1000 0 R>>", picture)).unwrap();
    assert!(scan.text.contains(words), "{}", scan.text);
    // A letter may have been taken for another by whoever recognised it.
    assert!(scan.recognised);
    let sure = crate::parse(&scan, "2026-11".parse().unwrap()).sure();
    assert!(sure.name.is_none() && sure.experience.is_empty(), "{sure:?}");
    // Where the picture is blank, nobody recognised anything.
    let blank = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nx\nendstream";
    let content = format!("q 612 0 0 792 0 0 cm /Im Do Q BT /F1 10 Tf 3 Tr 1 0 0 1 72 700 Tm ({words}) Tj ET");
    assert_eq!(
        code_of(&pdf_of(&[content], "/XObject<</Im 1000 0 R>>", blank)),
        "needs_ocr"
    );
    let plain = format!("q 612 0 0 792 0 0 cm /Im Do Q BT /F1 10 Tf 1 0 0 1 72 700 Tm ({words}) Tj ET");
    assert!(
        !read_file(&pdf_of(&[plain], "/XObject<</Im 1000 0 R>>", picture))
            .unwrap()
            .recognised
    );
}

#[test]
fn targets_of_links_are_read() {
    let link = |uri: &str| format!("<</Type/Annot/Subtype/Link/Rect[72 690 90 710]/A<</S/URI/URI({uri})>>>>");
    let targets = [
        "mailto:jane@example.com",
        "tel:+16175550136",
        "https://www.linkedin.com/in/jane-doe",
    ];
    let links: String = targets.iter().chain(&targets[..1]).map(|target| link(target)).collect();
    // The page's dictionary goes on where its resources end.
    let page = format!("/Annots[{links}]/Rest<<");
    let file = pdf_of(
        &["BT /F1 10 Tf 1 0 0 1 72 700 Tm (Jane Doe, registered nurse, by mail, phone and LinkedIn) Tj ET".into()],
        &format!(">>{page}"),
        "",
    );
    let document = read_file(&file).unwrap();
    assert_eq!(document.links, targets);
    let resume = crate::parse(&document, "2026-11".parse().unwrap());
    assert_eq!(resume.emails[0].value, "jane@example.com");
    assert_eq!(resume.phones[0].value, "+16175550136");
    assert_eq!(resume.links[0].network.as_deref(), Some("LinkedIn"));
}

/// Reads a file of `tests/cases`; each is one kind of fault, out of public reports.
fn case(name: &str) -> Document {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name);
    read_file(&std::fs::read(file).unwrap()).unwrap()
}

#[test]
fn letters_and_blanks_are_those_that_are_drawn() {
    for (file, lines) in [
        (
            "type3-fontmatrix.pdf",
            [
                "Senior Frontend Engineer",
                "Rosalind Quayle",
                "TypeScript, React, JavaScript, GraphQL, CSS",
            ],
        ),
        (
            "cid-width-ranges.pdf",
            [
                "Ingeborg Thistlewood",
                "Docker, Datadog, Databricks, Django, DynamoDB",
                "Data Engineer, Dunlin Metrics",
            ],
        ),
        (
            "letterspaced-headings.pdf",
            [
                "TERESA QUILLFEATHER",
                "WORK EXPERIENCE",
                "Lean Six Sigma, SAP, Excel, Workforce planning",
            ],
        ),
        (
            "soft-hyphen-as-dash.pdf",
            [
                "Platform Engineer | Sep. 2023 - Mar. 2024",
                "Site Reliability Engineer | Mar. 2021 - Jun. 2023",
                "- On-call rota for 60 services.",
            ],
        ),
        (
            "ligatures-linebreak-hyphen.pdf",
            [
                "Fionnuala Griffin",
                "Staffing Office Lead, Cliffside Financial Offshore Ltd",
                "and cross-functional",
            ],
        ),
        (
            "acroform-filled.pdf",
            [
                "Full name:\tOdalys Ferncastle",
                "E-mail:\todalys.ferncastle@example.com",
                "Employer:\tPinegrove Medical Center",
            ],
        ),
    ] {
        let text = case(file).text;
        for line in lines {
            assert!(text.lines().any(|read| read == line), "{file}: {line}\n{text}");
        }
    }
    assert!(
        case("ligatures-linebreak-hyphen.pdf")
            .text
            .contains("traffic to the office\n")
    );
    let hidden = case("hidden-text.pdf").text;
    for word in ["Kubernetes", "Rust", "Terraform", "PostgreSQL", "Google"] {
        assert!(!hidden.contains(word), "{word}: {hidden}");
    }
}

#[test]
fn a_pdf_bomb_is_refused() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&vec![b' '; 80_000_000]).unwrap();
    let packed = zlib.finish().unwrap();
    assert!(packed.len() < 100_000);
    let mut file = b"%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode/Length ".to_vec();
    file.extend(format!("{}>>stream\r\n", packed.len()).bytes());
    file.extend(&packed);
    file.extend(b"\nendstream\nendobj\n");
    assert_eq!(code_of(&file), "zip_bomb");
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
        )
        .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(body: &str) -> Vec<u8> {
    let xml = format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", xml.as_bytes()),
    ])
}

#[test]
fn word_documents_are_read() {
    let p = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let body = [
        p("Jane &amp; Jo&#235;l"),
        r#"<w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="9000"/></w:tabs></w:pPr><w:r><w:t>Acme</w:t><w:tab/><w:t>2019</w:t></w:r></w:p>"#.into(),
        r#"<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Point</w:t></w:r></w:p>"#.into(),
        format!("<w:p><w:r><w:t>Anchor</w:t></w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{0}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:p>", p("Boxed")),
        "<w:p><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:r><w:instrText>HYPERLINK</w:instrText></w:r></w:p>".into(),
        format!("<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>", p("Key"), p("Value")),
        format!("<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>", (1..7).map(|n| p(&format!("left {n}"))).collect::<String>(), (1..7).map(|n| p(&format!("right {n}"))).collect::<String>()),
    ]
    .concat();
    let text = text_of(&docx(&body));
    assert_eq!(
        text,
        "Jane & Joël\nAcme\t2019\n• Point\nAnchor\n\nBoxed\n\nKey\tValue\n\nleft 1\nleft 2\nleft 3\nleft 4\nleft 5\nleft 6\n\nright 1\nright 2\nright 3\nright 4\nright 5\nright 6"
    );
}

#[test]
fn open_documents_are_read() {
    let xml = r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:text="t"><office:body><office:text><text:h>Experience</text:h><text:p>Acme<text:tab/>2019</text:p><text:list><text:list-item><text:p>Point<text:s text:c="2"/>one</text:p></text:list-item></text:list><text:note><text:p>no</text:p></text:note></office:text></office:body></office:document-content>"#;
    let mimetype = b"application/vnd.oasis.opendocument.text".as_slice();
    let document = read_file(&zipped(&[("mimetype", mimetype), ("content.xml", xml.as_bytes())])).unwrap();
    assert_eq!(
        (document.media_type, document.text.as_str()),
        (MediaType::Odt, "Experience\nAcme\t2019\n• Point one")
    );
    let sheet = b"application/vnd.oasis.opendocument.spreadsheet".as_slice();
    assert_eq!(
        code_of(&zipped(&[("mimetype", sheet), ("content.xml", xml.as_bytes())])),
        "unsupported_format"
    );
}

#[test]
fn packed_files_that_lie_or_nest_are_refused() {
    assert_eq!(
        code_of(&docx(&format!(
            "<w:p><w:r><w:t>{}</w:t></w:r></w:p>",
            " ".repeat(70_000_000)
        ))),
        "zip_bomb"
    );
    // The same with the declared sizes set to nothing: the bytes are counted, not believed.
    let mut lying = docx(&format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "x ".repeat(35_000_000)));
    let directory = lying.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    lying[directory + 24..directory + 28].copy_from_slice(&100_u32.to_le_bytes());
    assert!(code_of(&lying) == "zip_bomb", "{}", code_of(&lying));
    assert_eq!(code_of(&docx(&"<w:p>".repeat(100_000))), "corrupt");
    assert_eq!(code_of(&docx(&"<w:txbxContent>".repeat(100))), "corrupt");
    let entities = r#"<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document><w:p><w:t>&b;</w:t></w:p></w:document>"#;
    assert_eq!(
        code_of(&zipped(&[("word/document.xml", entities.as_bytes())])),
        "corrupt"
    );
    assert_eq!(code_of(&zipped(&[("holiday.jpg", b"x")])), "unsupported_format");
}

#[test]
fn rich_text_is_read() {
    let rtf = br"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator Nobody}\pard Ren\'e9 \u8212? \b bold\b0\par{\listtext\'b7\tab}Point\par A\tab B\line{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\par\u55357?\u56832? caf\u233?\par}trailing";
    assert_eq!(text_of(rtf), "René — bold\n• Point\nA\tB\nlink\n😀 café");
    assert_eq!(code_of(&b"{\\rtf1".repeat(2000)), "corrupt");
}

#[test]
fn web_pages_are_read() {
    let html = b"<!DOCTYPE html><html><head><title>no</title><style>p{}</style></head><body><h1>Jane&nbsp;Doe</h1><p>Plain\n text, <b>bold</b> &amp; 1 < 2 &#8211; &eacute;</p><ul><li>One<li>Two</ul><table><tr><td>Key<td title='a>b'>Value</tr></table><script>if (a < b) {}</script><!-- no -->end</body></html>";
    let document = read_file(html).unwrap();
    assert_eq!(document.media_type, MediaType::Html);
    assert_eq!(
        document.text,
        "Jane Doe\n\nPlain text, bold & 1 < 2 – é\n\n• One\n• Two\nKey\tValue\nend"
    );
}

#[test]
fn plain_text_is_read_in_its_encodings() {
    assert_eq!(text_of("Zoë – é".as_bytes()), "Zoë – é");
    assert_eq!(text_of(b"\xEF\xBB\xBFZo\xC3\xAB"), "Zoë");
    assert_eq!(text_of(b"Zo\xEB \x96 \x93x\x94"), "Zoë – “x”");
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain("Zoë".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(text_of(&wide), "Zoë");
    let wide: Vec<u8> = [0xFE, 0xFF]
        .into_iter()
        .chain("Zoë".encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    assert_eq!(text_of(&wide), "Zoë");
}

#[test]
fn a_name_is_not_believed_over_the_bytes() {
    let hint = Hint {
        file_name: Some("resume.pdf"),
        media_type: Some("application/pdf"),
    };
    assert_eq!(
        read(b"Jane Doe", hint, &Limits::default(), None).unwrap().media_type,
        MediaType::Text
    );
    let hint = Hint {
        file_name: Some("resume.json"),
        media_type: None,
    };
    assert_eq!(
        read(b"{\"basics\": ", hint, &Limits::default(), None)
            .unwrap_err()
            .code(),
        "corrupt"
    );
}

#[test]
fn limits_are_the_callers() {
    let limits = Limits {
        bytes_max: 100,
        characters_max: 10,
        ..Limits::default()
    };
    assert_eq!(
        read(&[b'a'; 101], Hint::default(), &limits, None),
        Err(Refusal::TooLarge { limit_bytes: 100 })
    );
    assert_eq!(
        read(b"twelve chars", Hint::default(), &limits, None),
        Err(Refusal::TooLong { limit_characters: 10 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..600), head in 0_usize..8) {
        let heads: [&[u8]; 8] = [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"{\\rtf1 ", b"<html>", b"{", b"\xFF\xFE", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"];
        read_file(&[heads[head], &bytes].concat()).ok();
    }

    #[test]
    fn no_archive_is_too_odd(xml in "(<w:(p|t|tc|tr|txbxContent|tab)/?>|</w:(p|t|tc|tr|txbxContent)>|word|&amp;|&#x41;|&b;){0,60}") {
        read_file(&docx(&xml)).ok();
    }

    #[test]
    fn no_rich_text_is_too_odd(rtf in r"(\{|\}|\\par|\\'e9|\\u-?[0-9]{1,6}\?|\\uc[0-9]|\\bin[0-9]{1,3} |\\\*|\\[a-z]{1,8}|word| ){0,60}") {
        read_file(format!("{{\\rtf1 {rtf}").as_bytes()).ok();
    }

    #[test]
    fn no_page_is_too_odd(html in "(<[a-z/!\"'-]{0,6}>?|&[a-z#0-9]{0,6};?|word| |é){0,60}") {
        read_file(format!("<html>{html}").as_bytes()).ok();
    }

    #[test]
    fn a_broken_pdf_is_read_or_refused(cut in 0_usize..900, flip in 0_usize..900, byte in any::<u8>()) {
        let mut file = pdf(&[vec![Print { x: 60.0, y: 60.0, size: 10.0, text: "Jane Doe" }]]);
        if let Some(place) = file.get_mut(flip) {
            *place = byte;
        }
        read_file(&file).ok();
        file.truncate(cut);
        read_file(&file).ok();
    }

    #[test]
    fn any_drawing_is_read_or_refused(operators in r"((-?[0-9]{1,4}|[0-9]\.[0-9]|\(x y\)|/F1|/F9|\[\(a\) -300 \(b\)\]) ){0,7}(Tj|TJ|Tf|Td|Tm|cm|q|Q|BT|ET|T\*|'|Tz|Do|re|gs) {0,1}") {
        let content = format!("BT /F1 10 Tf (start) Tj {operators} (end) Tj ET");
        read_file(&pdf_of(&[content], "", "")).ok();
    }
}

#[test]
fn text_that_nobody_sees_is_not_read() {
    let styles = r#"<w:styles xmlns:w="w"><w:style w:type="character" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>
        <w:style w:type="paragraph" w:styleId="Tiny"><w:rPr><w:sz w:val="2"/></w:rPr></w:style></w:styles>"#;
    let body = r#"<w:document xmlns:w="w"><w:body>
        <w:p><w:r><w:t>Seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden</w:t></w:r></w:p>
        <w:p><w:r><w:rPr><w:rStyle w:val="Gone"/></w:rPr><w:t>Hidden</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="Tiny"/></w:pPr><w:r><w:t>Hidden</w:t></w:r></w:p>
        <w:p><w:r><w:rPr><w:sz w:val="2"/><w:vanish w:val="0"/></w:rPr><w:t>Hidden</w:t></w:r></w:p>
        <w:p><w:r><w:rPr><w:vanish/><w:rPrChange><w:rPr><w:vanish w:val="0"/></w:rPr></w:rPrChange></w:rPr><w:t>Hidden</w:t></w:r></w:p>
        </w:body></w:document>"#;
    let docx = zipped(&[
        ("word/document.xml", body.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
    ]);
    assert_eq!(text_of(&docx), "Seen");
    assert_eq!(text_of(br"{\rtf1 Seen{\v Hidden} too\par}"), "Seen too");
    let html = r#"<html><body><p>Seen</p><div style="display: none">Hidden<div>Hidden</div>Hidden</div><p hidden>Hidden</p><p>too</p></body></html>"#;
    assert_eq!(
        text_of(html.as_bytes()).split_whitespace().collect::<Vec<_>>(),
        ["Seen", "too"]
    );
}

#[test]
fn words_keep_their_place_and_their_dress() {
    let document = read_file(&pdf(&[vec![
        Print {
            x: 72.0,
            y: 100.0,
            size: 18.0,
            text: "Jane Doe",
        },
        Print {
            x: 72.0,
            y: 140.0,
            size: 10.0,
            text: "A long enough line of text for a page of a resume",
        },
    ]]))
    .unwrap();
    let first = document.words[0];
    let area = first.area.unwrap();
    assert_eq!((first.start, first.end, area.page), (0, 4, 1));
    assert!(
        (area.left - 72.0).abs() < 2.0 && area.top < 100.0 && area.bottom > 95.0,
        "{area:?}"
    );
    let size = |n: usize| document.styles[usize::from(document.words[n].style)].size;
    assert!(size(0) > size(2));
}

#[test]
fn a_record_that_quotes_the_mark_of_a_pdf_is_no_pdf() {
    let json = r#"{"basics": {"name": "Edda Marlowe", "label": "%PDF-1.7 engineer"}, "work": []}"#;
    let document = read(json.as_bytes(), Hint::default(), &Limits::default(), None).unwrap();
    assert_eq!(document.media_type, MediaType::JsonResume);
    let rtf = r"{\rtf1 Edda Marlowe, %PDF-1.7 engineer\par}";
    let document = read(rtf.as_bytes(), Hint::default(), &Limits::default(), None).unwrap();
    assert_eq!(document.media_type, MediaType::Rtf);
}
