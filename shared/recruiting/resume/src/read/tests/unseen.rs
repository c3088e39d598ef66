//! Text that nobody sees when a file is opened: each way of hiding it, beside those that hide nothing.

use super::*;

/// Checks that files read as nothing but `Plain` where their other text is hidden, and whole where it is shown.
fn check<T: AsRef<str>>(file: impl Fn(&str) -> Vec<u8>, hidden: &[T], shown: &[T]) {
    for part in hidden.iter().map(AsRef::as_ref) {
        let text = text_of(&file(part));
        assert!(text.contains("Plain") && !text.contains("Buried"), "{part}\n{text}");
    }
    for part in shown.iter().map(AsRef::as_ref) {
        let text = text_of(&file(part));
        assert!(text.contains("Plain") && text.contains("Buried"), "{part}\n{text}");
    }
}

const PARAGRAPH: &str = "<w:p><w:r><w:t>Plain</w:t></w:r></w:p>";

/// Makes a Word document of a body, and other members.
fn word(body: &str, members: &[(&str, &str)]) -> Vec<u8> {
    let document = format!(
        r#"<w:document xmlns:w="w" xmlns:r="r" xmlns:mc="mc" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
        xmlns:new="urn:new" mc:Ignorable="new"><w:body>{PARAGRAPH}{body}</w:body></w:document>"#
    );
    let mut all = vec![("word/document.xml", document.as_bytes())];
    all.extend(members.iter().map(|(name, content)| (*name, content.as_bytes())));
    zipped(&all)
}

fn run(properties: &str) -> String {
    format!("<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>Buried</w:t></w:r></w:p>")
}

fn paragraph(properties: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>Buried</w:t></w:r></w:p>")
}

fn cell(row: &str, cell: &str, run: &str) -> String {
    format!(
        "<w:tbl><w:tr><w:trPr>{row}</w:trPr><w:tc><w:tcPr>{cell}</w:tcPr>{}</w:tc></w:tr></w:tbl>",
        self::run(run)
    )
}

const WHITE: &str = r#"<w:color w:val="FFFFFF"/>"#;
const BLACK: &str = r#"<w:color w:val="000000"/>"#;
const DARK: &str = r#"<w:shd w:val="clear" w:fill="203040"/>"#;

#[test]
fn words_colours_sizes_and_widths() {
    let hidden = [
        run(WHITE),
        run(r#"<w:color w:val="FDFDFD"/>"#),
        run(r#"<w:color w:val="000000" w:themeColor="background1"/>"#),
        run(r#"<w:color w:val="000000" w:themeColor="text1" w:themeTint="05"/>"#),
        run(r#"<w:color w:val="203040"/><w:shd w:val="clear" w:fill="203040"/>"#),
        run(r#"<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>"#),
        run(&format!(r#"{WHITE}<w:shd w:val="clear" w:fill="auto"/>"#)),
        run(&format!(
            r#"{BLACK}<w:shd w:val="solid" w:color="000000" w:fill="FFFFFF"/>"#
        )),
        run("<w14:textFill><w14:noFill/></w14:textFill>"),
        run(r#"<w14:textFill><w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill></w14:textFill>"#),
        run(r#"<w:sz w:val="5"/>"#),
        run(r#"<w:w w:val="1"/>"#),
        run(r#"<w:w w:val="5%"/>"#),
        cell("", r#"<w:shd w:val="clear" w:fill="000000"/>"#, BLACK),
        format!(
            "<w:p><w:pPr>{DARK}</w:pPr><w:r><w:rPr><w:color w:val=\"203040\"/></w:rPr><w:t>Buried</w:t></w:r></w:p>"
        ),
    ];
    let shown = [
        run(BLACK),
        run(r#"<w:color w:val="auto"/><w:shd w:val="clear" w:fill="000000"/>"#),
        run(r#"<w:color w:val="C0C0C0"/>"#),
        run(r#"<w:color w:val="FFFFFF" w:themeColor="accent1"/>"#),
        run(&format!("{WHITE}{DARK}")),
        run(&format!(r#"{WHITE}<w:highlight w:val="darkBlue"/>"#)),
        run(&format!(
            r#"{WHITE}<w:shd w:val="pct50" w:color="000000" w:fill="FFFFFF"/>"#
        )),
        run(r#"<w:sz w:val="12"/>"#),
        run(r#"<w:w w:val="66"/>"#),
        cell("", DARK, WHITE),
        format!("<w:p><w:pPr>{DARK}</w:pPr><w:r><w:rPr>{WHITE}</w:rPr><w:t>Buried</w:t></w:r></w:p>"),
        // The mark at a paragraph's end is no text.
        paragraph(&format!("<w:rPr>{WHITE}<w:vanish/><w:sz w:val=\"2\"/></w:rPr>")),
    ];
    check(|body| word(body, &[]), &hidden, &shown);
}

#[test]
fn words_places_and_heights() {
    let drawn = |offset: &str, extent: &str, shape: &str, run: &str| {
        format!(
            r#"<w:p><w:r><w:drawing><wp:anchor><wp:positionH relativeFrom="page"><wp:posOffset>{offset}</wp:posOffset></wp:positionH>
            <wp:extent cx="{extent}" cy="900000"/><wps:wsp><wps:spPr>{shape}</wps:spPr><wps:txbx><w:txbxContent>{}</w:txbxContent></wps:txbx></wps:wsp>
            </wp:anchor></w:drawing></w:r></w:p>"#,
            self::run(run)
        )
    };
    let hidden = [
        paragraph(r#"<w:spacing w:line="20" w:lineRule="exact"/>"#),
        paragraph(r#"<w:spacing w:line="2" w:lineRule="auto"/>"#),
        paragraph(r#"<w:ind w:left="29000"/>"#),
        paragraph(r#"<w:ind w:firstLine="-29000"/>"#),
        paragraph(r#"<w:framePr w:hAnchor="page" w:w="2000" w:x="-2500"/>"#),
        paragraph(r#"<w:framePr w:vAnchor="page" w:y="40000"/>"#),
        cell(r#"<w:trHeight w:val="10" w:hRule="exact"/>"#, "", ""),
        cell("<w:hidden/>", "", ""),
        drawn("-9000000", "3000000", "", ""),
        drawn("900000", "100", "", ""),
        drawn("900000", "3000000", "", WHITE),
        drawn(
            "900000",
            "3000000",
            "<a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill>",
            BLACK,
        ),
    ];
    let shown = [
        paragraph(r#"<w:spacing w:line="240" w:lineRule="exact" w:before="0"/>"#),
        paragraph(r#"<w:spacing w:line="10" w:lineRule="atLeast"/>"#),
        paragraph(r#"<w:spacing w:before="10" w:after="10"/>"#),
        paragraph(r#"<w:ind w:left="720" w:hanging="720"/>"#),
        paragraph(r#"<w:ind w:left="-1000"/>"#),
        paragraph(r#"<w:framePr w:hAnchor="margin" w:w="2000" w:x="-1200"/>"#),
        cell(r#"<w:trHeight w:val="10"/>"#, "", ""),
        cell(r#"<w:hidden w:val="0"/>"#, "", ""),
        drawn("900000", "3000000", "", ""),
        drawn(
            "900000",
            "3000000",
            "<a:solidFill><a:srgbClr val=\"102030\"/></a:solidFill>",
            WHITE,
        ),
        drawn("900000", "3000000", "<a:gradFill/>", WHITE),
        // The line around a box is not its ground.
        drawn(
            "900000",
            "3000000",
            "<a:ln><a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill></a:ln>",
            BLACK,
        ),
        // A shape lies below the text, nobody knows where.
        format!(
            "{}{}",
            r#"<w:p><w:r><w:drawing><wp:anchor behindDoc="1"><wp:extent cx="3000000" cy="900000"/><wps:wsp><wps:spPr><a:solidFill>
            <a:srgbClr val="102030"/></a:solidFill></wps:spPr></wps:wsp></wp:anchor></w:drawing></w:r></w:p>"#,
            run(WHITE)
        ),
    ];
    check(|body| word(body, &[]), &hidden, &shown);
}

#[test]
fn words_styles_hide_as_runs_do() {
    let styles = r#"<w:styles xmlns:w="w">
        <w:style w:type="paragraph" w:styleId="Pale"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
        <w:style w:type="paragraph" w:styleId="Band"><w:basedOn w:val="Pale"/><w:pPr><w:shd w:val="clear" w:fill="203040"/></w:pPr></w:style>
        <w:style w:type="character" w:styleId="Clear"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
        <w:style w:type="table" w:styleId="Grid"><w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:tcPr><w:shd w:val="clear" w:fill="000000"/></w:tcPr></w:tblStylePr></w:style>
        <w:style w:type="table" w:styleId="Ghost"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style></w:styles>"#;
    let table = |style: &str, run: &str| {
        format!(
            r#"<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/></w:tblPr><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"#,
            self::run(run)
        )
    };
    let hidden = [
        paragraph(r#"<w:pStyle w:val="Pale"/>"#),
        run(r#"<w:rStyle w:val="Clear"/>"#),
        table("Ghost", ""),
    ];
    let shown = [
        paragraph(r#"<w:pStyle w:val="Band"/>"#),
        run(&format!(r#"<w:rStyle w:val="Clear"/>{BLACK}"#)),
        table("Grid", WHITE),
        table("Ghost", BLACK),
    ];
    check(|body| word(body, &[("word/styles.xml", styles)]), &hidden, &shown);
}

#[test]
fn a_fields_code_is_not_its_result() {
    let mark = |kind: &str| format!(r#"<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>"#);
    let (begin, separate, end) = (mark("begin"), mark("separate"), mark("end"));
    let text = "<w:r><w:t>Buried</w:t></w:r>";
    let hidden = [
        format!("<w:p>{begin}{text}{separate}<w:r><w:t>result</w:t></w:r>{end}</w:p>"),
        format!("<w:p>{begin}{text}{end}</w:p>"),
        format!("<w:p>{begin}{begin}{separate}{text}{end}{separate}{end}</w:p>"),
        format!("<w:p>{begin}</w:p><w:p>{text}</w:p><w:p>{end}</w:p>"),
    ];
    let shown = [
        format!("<w:p>{begin}<w:r><w:instrText>HYPERLINK</w:instrText></w:r>{separate}{text}{end}</w:p>"),
        // A field that never ends is none.
        format!("<w:p>{begin}{text}</w:p>"),
        format!("<w:p>{end}{separate}{text}</w:p>"),
    ];
    check(|body| word(body, &[]), &hidden, &shown);
    let text = text_of(&word(&hidden[0], &[]));
    assert!(text.contains("result"), "{text}");
}

#[test]
fn extensions_that_nobody_knows_are_passed_over() {
    let both = |asked: &str, first: &str, second: &str| {
        format!(
            "<mc:AlternateContent><mc:Choice Requires=\"{asked}\">{first}</mc:Choice><mc:Fallback>{second}</mc:Fallback></mc:AlternateContent>"
        )
    };
    let text = run("");
    let hidden = [
        both("new", &text, ""),
        both("wps new", &text, ""),
        both("unbound", &text, ""),
        both("wps", "", &text),
        format!("<new:part>{text}</new:part>"),
    ];
    let shown = [
        both("wps", &text, ""),
        both("new", "", &text),
        both("new", "", &both("wps", &text, "")),
        format!("<w:part>{text}</w:part>"),
        format!("<w:sdt mc:ProcessContent=\"new:part\"><new:part>{text}</new:part></w:sdt>"),
    ];
    check(|body| word(body, &[]), &hidden, &shown);
}

#[test]
fn only_parts_that_the_document_names_are_read() {
    let part = |text: &str| format!(r#"<w:x xmlns:w="w"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:x>"#);
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="http://x/relationships/{kind}" Target="{target}"/>"#)
    };
    let relations = |all: &[String]| format!("<Relationships>{}</Relationships>", all.concat());
    let section = |references: &str| format!("<w:sectPr>{references}</w:sectPr>");
    let reference = |kind: &str, id: &str| format!(r#"<w:headerReference w:type="{kind}" r:id="{id}"/>"#);
    let known = relations(&[
        relation("a", "header", "header1.xml"),
        relation("b", "header", "header2.xml"),
    ]);
    let read = |section: &str, settings: &str| {
        text_of(&word(
            section,
            &[
                ("word/header1.xml", &part("First")),
                ("word/header2.xml", &part("Second")),
                ("word/settings.xml", settings),
                (
                    "word/_rels/document.xml.rels",
                    &format!(
                        "<Relationships>{}{}</Relationships>",
                        known
                            .trim_start_matches("<Relationships>")
                            .trim_end_matches("</Relationships>"),
                        relation("s", "settings", "settings.xml")
                    ),
                ),
            ],
        ))
    };
    assert_eq!(read(&section(""), ""), "Plain");
    assert_eq!(read(&section(&reference("default", "b")), ""), "Second\n\nPlain");
    assert_eq!(read(&section(&reference("first", "a")), ""), "Plain");
    assert_eq!(
        read(&section(&(reference("first", "a") + "<w:titlePg/>")), ""),
        "First\n\nPlain"
    );
    assert_eq!(read(&section(&reference("even", "a")), ""), "Plain");
    let settings = r#"<w:settings xmlns:w="w"><w:evenAndOddHeaders/></w:settings>"#;
    assert_eq!(read(&section(&reference("even", "a")), settings), "First\n\nPlain");
    // The main part is the one that the archive names, whatever else is in it.
    for target in [
        "word/document2.xml",
        "/word/document2.xml",
        "./word/../word/document2.xml",
    ] {
        let main = relations(&[relation("a", "officeDocument", target)]);
        let text = text_of(&word(
            "",
            &[("word/document2.xml", &part("Main")), ("_rels/.rels", &main)],
        ));
        assert_eq!(text, "Main");
    }
}

/// Makes an `OpenDocument` text of automatic styles and a body.
fn open_document(styles: &str, body: &str) -> Vec<u8> {
    let content = format!(
        r#"<o:document-content xmlns:o="o" xmlns:text="t" xmlns:style="s" xmlns:fo="f" xmlns:table="b" xmlns:draw="d" xmlns:svg="v" xmlns:loext="l">
        <o:automatic-styles>{styles}</o:automatic-styles><o:body><o:text><text:p>Plain</text:p>{body}</o:text></o:body></o:document-content>"#
    );
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn open_documents_hide_as_word_does() {
    let text = |properties: &str| {
        format!(
            r#"<style:style style:name="X" style:family="text"><style:text-properties {properties}/></style:style>"#
        )
    };
    let paragraph = |properties: &str| {
        format!(
            r#"<style:style style:name="X" style:family="paragraph"><style:paragraph-properties {properties}/></style:style>"#
        )
    };
    let hidden = [
        text(r##"fo:color="#ffffff""##),
        text(r##"fo:color="#203040" fo:background-color="#203040""##),
        text(r##"fo:color="#000000" loext:opacity="0%""##),
        text(r#"text:display="none""#),
        text(r#"fo:font-size="3pt""#),
        text(r#"fo:font-size="5%""#),
        text(r#"style:text-scale="2%""#),
        text(r#"style:text-position="super 3%""#),
    ];
    let shown = [
        text(r##"fo:color="#404040""##),
        text(r##"fo:color="#ffffff" fo:background-color="#203040""##),
        text(r##"fo:color="#ffffff" style:use-window-font-color="true" loext:opacity="0%""##),
        text(r#"fo:font-size="80%""#),
        text(r#"style:text-position="super 58%""#),
    ];
    for (styles, is_hidden) in hidden
        .iter()
        .map(|styles| (styles, true))
        .chain(shown.iter().map(|styles| (styles, false)))
    {
        let body = r#"<text:p>before <text:span text:style-name="X">Buried</text:span> after</text:p>"#;
        let read = text_of(&open_document(styles, body));
        assert!(read.contains("before") && read.contains("after"), "{styles}: {read}");
        assert_eq!(read.contains("Buried"), !is_hidden, "{styles}: {read}");
    }
    for (properties, is_hidden) in [
        (r#"fo:line-height="0.5mm""#, true),
        (r#"fo:margin-left="90cm""#, true),
        (r#"fo:line-height="100%" fo:margin-left="1cm""#, false),
    ] {
        let read = text_of(&open_document(
            &paragraph(properties),
            r#"<text:p text:style-name="X">Buried</text:p>"#,
        ));
        assert_eq!(read.contains("Buried"), !is_hidden, "{properties}: {read}");
    }
    let block = |family: &str, kind: &str, properties: &str, body: &str| {
        let styles = format!(
            r#"<style:style style:name="X" style:family="{family}"><style:{kind}-properties {properties}/></style:style>{}"#,
            text(r##"fo:color="#ffffff""##)
        );
        text_of(&open_document(&styles, body))
    };
    let table = |text: &str| {
        format!(
            r#"<table:table><table:table-row table:style-name="X"><table:table-cell table:style-name="X">{text}</table:table-cell></table:table-row></table:table>"#
        )
    };
    let white = r#"<text:p><text:span text:style-name="X">Buried</text:span></text:p>"#;
    let dark = r##"fo:background-color="#203040""##;
    assert!(block("table-cell", "table-cell", dark, &table(white)).contains("Buried"));
    assert!(!block("table-cell", "table-cell", "", &table(white)).contains("Buried"));
    let row = r#"style:row-height="0.2mm""#;
    assert!(!block("table-row", "table-row", row, &table("<text:p>Buried</text:p>")).contains("Buried"));
    let frame = |place: &str| {
        format!(
            "<text:p><draw:frame {place}><draw:text-box><text:p>Buried</text:p></draw:text-box></draw:frame></text:p>"
        )
    };
    assert!(text_of(&open_document("", &frame(r#"svg:x="2cm" svg:width="5cm""#))).contains("Buried"));
    assert!(!text_of(&open_document("", &frame(r#"svg:x="-90cm" svg:width="5cm""#))).contains("Buried"));
    let section = r#"<text:section text:display="none"><text:p>Buried</text:p></text:section>"#;
    assert_eq!(text_of(&open_document("", section)), "Plain");
}

#[test]
fn rich_text_hides_as_word_does() {
    let rtf = |part: &str| {
        format!(r"{{\rtf1{{\colortbl;\red255\green255\blue255;\red20\green30\blue40;}}Plain\par {part}\par }}")
            .into_bytes()
    };
    check(
        rtf,
        &[
            r"{\v Buried}",
            r"{\cf1 Buried}",
            r"{\cf2\chcbpat2 Buried}",
            r"{\cf2\highlight2 Buried}",
            r"\pard\cbpat2\cf2 Buried",
            r"{\fs5 Buried}",
            r"{\charscalex2 Buried}",
            r"{\deleted Buried}",
            r"{\xe Buried}",
            r"{\tc Buried}",
            r"{\headerf Buried}",
            r"{\footerl Buried}",
            r"\pard\posx-19000 Buried",
            r"\pard\phpg\absw2000\posx-3000 Buried",
            r"\pard\posy19000 Buried",
            r"\pard\li19000 Buried",
            r"\pard\sl-12\slmult0 Buried",
            r"\trowd\trrh-15\cellx900\pard\intbl Buried\cell\row\pard",
            r"\trowd\clcbpat2\cellx900\pard\intbl\cf2 Buried\cell\row\pard",
            r"\trowd\clcbpat2\cellx900\cellx1800\pard\intbl x\cell{\cf1 Buried}\cell\row\pard",
            r"{\*\shpinst\shpleft-40000\shpright-39000{\shptxt Buried}}",
        ],
        &[
            r"{\cf2 Buried}",
            r"{\cf0 Buried}",
            r"{\cf9 Buried}",
            r"{\cf1\chcbpat2 Buried}",
            r"{\cf1\highlight2 Buried}",
            r"\pard\cbpat2\cf1 Buried",
            r"{\cf1 x}{\v x\v0 Buried}",
            r"{\cf1\plain Buried}",
            r"\pard\posx-19000\pard Buried",
            r"{\fs14 Buried}",
            r"{\charscalex80 Buried}",
            r"\pard\li720\fi-720 Buried",
            r"\pard\sl-240\slmult0 Buried",
            r"\pard\sl10\slmult0 Buried",
            r"\titlepg{\headerf Buried}",
            r"{\header Buried}",
            r"\trowd\trrh15\cellx900\pard\intbl Buried\cell\row\pard",
            r"\trowd\clcbpat2\cellx900\cellx1800\pard\intbl{\cf1 Buried}\cell x\cell\row\pard",
            r"{\*\shpinst\shpleft400\shpright4000{\shptxt Buried}}",
        ],
    );
}

#[test]
fn web_pages_hide_in_attributes() {
    let page = |style: &str| {
        format!("<html><body><p>Plain</p><div style=\"{style}\"><p>Buried</p></div><p>end</p></body></html>")
            .into_bytes()
    };
    check(
        page,
        &[
            "display:none",
            "DISPLAY: none !important",
            "display /**/ : none",
            r"d\69splay:none",
            "display&#58;none",
            "color:red;display:none",
            "visibility:hidden",
            "content-visibility:hidden",
            "opacity:0",
            "opacity:1%",
            "filter:opacity(0)",
            "color:white",
            "color:#fefefe",
            "color:rgb(255 255 255)",
            "color:rgba(0,0,0,.02)",
            "color:hsl(0,0%,100%)",
            "color:transparent",
            "-webkit-text-fill-color:#fff",
            "background:#123;color:#112233",
            "background:black",
            "--x:#fff;color:var(--x)",
            "color:var(--y,#fff)",
            "font-size:3px",
            "font-size:.1em",
            "font:0/0 serif",
            "font-size:10px;zoom:.1",
            "transform:scale(0)",
            "transform:scale(.2)",
            "transform:translateX(-9999px)",
            "position:absolute;left:-9999px",
            "position:absolute;left:calc(-9000px - 10px)",
            "position:fixed;top:-200em",
            "position:relative;right:9999px;left:-9999px",
            "margin-left:-9999px",
            "text-indent:-9999px",
            "text-indent:100%;overflow:hidden",
            "height:0;overflow:hidden",
            "width:1px;height:1px;overflow:hidden",
            "max-height:0;overflow-y:hidden",
            "position:absolute;clip:rect(0,0,0,0)",
            "position:absolute;clip:rect(1px 1px 1px 1px)",
            "clip-path:inset(50%)",
            "clip-path:circle(0)",
            "clip-path:polygon(0 0, 0 0, 0 0)",
        ],
        &[
            "",
            "display:block",
            "-x-display:none",
            "display:none;display:block",
            "visibility:visible",
            "opacity:.8",
            "opacity:0;animation:rise 1s forwards",
            "color:#777",
            "color:tomato;background:white",
            "background:#222;color:white",
            "background-color:navy;color:#fff",
            "background:rebeccapurple;color:#fff",
            "background:url(dark.png) #fff;color:#fff",
            "background-image:linear-gradient(#000,#333);color:white",
            "background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent",
            "color:var(--unknown)",
            "font:bold 12px/1.2 serif",
            "font-size:9px",
            "font-size:85%",
            "transform:translate(-50%,-50%) rotate(90deg)",
            "transform:matrix(0,1,-1,0,0,0)",
            "position:absolute;left:-20px",
            "left:-9999px",
            "margin-left:-100%",
            "text-indent:-1.5em",
            "height:0",
            "width:100%;overflow:hidden",
            "clip:rect(0,0,0,0)",
            "clip-path:inset(0 5%)",
            "clip-path:circle(50%)",
        ],
    );
}

#[test]
fn web_pages_hide_by_rules() {
    let page = |css: &str| {
        format!(
            "<html><head><style>{css}</style></head><body class=top><p>Plain</p><section class='a b'><div id=one class=x><p \
            title=t>Buried</p></div></section></body></html>"
        )
        .into_bytes()
    };
    check(
        page,
        &[
            ".x{display:none}",
            "#one { visibility : hidden }",
            "h1, div.x > p{display:none}",
            ".a.b p{color:#fff}",
            "section *{opacity:0}",
            ".top .x{color:white}",
            "[title]{display:none}",
            "p[title=\"t\"]{display:none}",
            "#one p:not(.shown){display:none}",
            ":is(h1,.x) p{display:none}",
            "p+section p{display:none}",
            "@media screen{.x{display:none}}",
            "@media (min-width:600px){.x{display:none}}",
            "@supports (display:grid){@media all{.x{display:none}}}",
            "/* { */.x{display:none}/* } */",
            r".\78{display:none}",
            ":root{--ink:#fff}.x{color:var(--ink)}",
            ".x{display:none!important}.x{display:block}",
            "#one{display:none}.x{display:block}",
            "@import url(a;b);@font-face{src:url('}')}.x{display:none}",
            ".y{}.x{color:white",
            ".other{position:absolute;background:#000}.x{color:white}",
        ],
        &[
            ".y{display:none}",
            "div.y,#two,h1 p{display:none}",
            ".x:hover{display:none}",
            ".x::before{display:none}",
            ".x p span{display:none}",
            "body > p > p{display:none}",
            "#one p:not([title]){display:none}",
            "@media print{.x{display:none}}",
            "@media (max-width:600px){.x{display:none}}",
            "@media (prefers-color-scheme:dark){body{background:#000}}",
            "/* .x{display:none} */",
            ".x{display:none}.x{display:block}",
            ".x{display:none}#one{display:block}",
            ".a{background:#234}.a p{color:white}",
            "body{background:#111;color:#eee}",
            "header p{color:white}",
            ".dark .x{color:white}",
            ".x p{visibility:visible}.x{visibility:hidden}",
            "section::before{position:absolute;background:#000}.x{position:relative;color:white}",
            ".layer{position:fixed;z-index:-1;background:#000}.x{color:white}",
            "@keyframes a{from{opacity:0}}",
            ":root{color-scheme:dark}.x{color:white}",
            r".md\:x{display:none}",
        ],
    );
}

#[test]
fn web_pages_hide_by_elements() {
    let page = |part: &str| format!("<html><body><p>Plain</p>{part}</body></html>").into_bytes();
    check(
        page,
        &[
            "<dialog>Buried</dialog>",
            "<datalist>Buried</datalist>",
            "<template>Buried</template>",
            "<noscript>Buried</noscript>",
            "<video>Buried</video>",
            "<canvas>Buried</canvas>",
            "<object data='data:text/html,x'>Buried</object>",
            "<p hidden>Buried",
            "<div hidden/>Buried</div>",
            "<div hidden><b>x</div></b><i><div hidden>x</i>Buried</div>",
            "<div hidden><span>x</div></span><div hidden></span>Buried</div>",
            "<table><tr><td hidden>x</p>Buried</td></tr></table>",
            "<font color=white>Buried</font>",
            "<table bgcolor=black><tr><td><font color=#000000>Buried</font></table>",
            "<!-- <style>div{display:block!important}</style> --><div style='display:none'>Buried</div>",
        ],
        &[
            "<dialog open>Buried</dialog>",
            "<style>dialog{display:block}</style><dialog>Buried</dialog>",
            "<details><summary>more</summary>Buried</details>",
            "<p hidden>x<p>Buried",
            "<ul><li hidden>x<li>Buried</ul>",
            "<table><tr><td hidden>x<td>Buried</table>",
            "<div hidden>x</div>Buried",
            "<br hidden>Buried",
            "<font color=white><p>x</font></p>Buried",
            "<font color=gray>Buried</font>",
            "<table bgcolor=black><tr><td><font color=white>Buried</font></table>",
            "<a href=x style='color:#00f'>Buried</a>",
        ],
    );
    let text = text_of(b"<html><body><p>one <span style='color:#fff'>Buried</span>two</p></body></html>");
    assert_eq!(text, "one two");
    // A page whose rules would take minutes to compare is not read.
    let rules = ".y p{color:red}".repeat(20_000);
    let bodies = "<p class=x>".repeat(20_000);
    assert_eq!(
        code_of(format!("<html><style>{rules}</style><body>{bodies}Plain</body></html>").as_bytes()),
        "corrupt"
    );
}
