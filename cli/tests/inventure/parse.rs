//! `parse`: what goes where, and with which exit code.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
};

use super::{ENGINEER, NURSE, command, folder, inventure, json_lines, piped, text};

#[test]
fn every_file_that_was_read_gets_its_line_and_every_other_one_its_reason() {
    let folder = folder("parse");
    fs::write(folder.join("broken.pdf"), b"%PDF-1.7 this is not one").unwrap();
    fs::write(folder.join("empty.txt"), b"").unwrap();
    let files = ["parse", "cvs/a-nurse.txt", "broken.pdf", "empty.txt"];
    let output = inventure(&folder, &[&files[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["file"], &lines[0]["status"]),
        (&"cvs/a-nurse.txt".into(), &"parsed".into())
    );
    assert_eq!(lines[0]["resume"]["emails"][0]["value"], "jane@example.com");
    let told = text(&output.stderr);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("inventure: broken.pdf: refused (corrupt): "),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("inventure: empty.txt: refused (empty): "),
        "{told:?}"
    );

    let for_people = inventure(&folder, &files);
    assert_eq!(for_people.status.code(), Some(3));
    assert_eq!(for_people.stderr, output.stderr);
    let said = text(&for_people.stdout);
    assert!(said.contains("Jane Roe") && !said.contains("refused"), "{said}");
}

#[test]
fn what_cannot_be_opened_outweighs_what_is_refused() {
    let folder = folder("unopened");
    fs::write(folder.join("empty.txt"), b"").unwrap();
    let output = inventure(
        &folder,
        &["parse", "no-such-file", "empty.txt", "cvs/a-nurse.txt", "--json"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json_lines(&output).len(), 1, "the rest is done all the same");
    let told = text(&output.stderr);
    assert!(told.contains("no-such-file: refused (unreadable): "), "{told}");
}

#[test]
fn a_folder_is_read_to_its_depth_in_order_without_what_is_hidden() {
    let folder = folder("folders");
    fs::create_dir_all(folder.join("cvs/.git")).unwrap();
    fs::write(folder.join("cvs/.git/note.txt"), NURSE).unwrap();
    fs::write(folder.join("cvs/.hidden.txt"), NURSE).unwrap();
    fs::write(folder.join("cvs/z.txt"), ENGINEER).unwrap();
    fs::create_dir_all(folder.join("elsewhere")).unwrap();
    fs::write(folder.join("elsewhere/linked.txt"), ENGINEER).unwrap();
    symlink("..", folder.join("cvs/more/round")).unwrap();
    symlink(folder.join("elsewhere"), folder.join("cvs/more/there")).unwrap();
    let named = |output| -> Vec<String> {
        let lines = json_lines(&output);
        lines
            .iter()
            .map(|line| line["file"].as_str().unwrap().to_owned())
            .collect()
    };
    let output = inventure(&folder, &["parse", "job.txt", "cvs", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let expected = [
        "job.txt",
        "cvs/a-nurse.txt",
        "cvs/more/engineer.txt",
        "cvs/more/there/linked.txt",
        "cvs/z.txt",
    ];
    assert_eq!(named(output), expected);

    let deep = folder.join("deep/1/2/3/4/5/6/7/8");
    fs::create_dir_all(deep.join("9")).unwrap();
    fs::write(deep.join("last.txt"), NURSE).unwrap();
    fs::write(deep.join("9/lost.txt"), NURSE).unwrap();
    let output = inventure(&folder, &["parse", "deep", "--json"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "what is left out is no success");
    assert!(told.lines().count() == 1 && told.contains("/8/9: refused (unreadable): The folder lies too deep"));
    assert_eq!(named(output), ["deep/1/2/3/4/5/6/7/8/last.txt"]);
}

#[test]
fn a_dash_is_standard_input_and_has_the_bounds_of_a_file() {
    let folder = folder("stdin");
    let output = piped(&folder, &["parse", "-", "--json"], NURSE.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = json_lines(&output);
    assert_eq!((lines.len(), &lines[0]["file"]), (1, &"-".into()));
    assert_eq!(lines[0]["resume"]["emails"][0]["value"], "jane@example.com");

    let output = piped(&folder, &["parse", "-", "--json"], &vec![b'a'; 10_000_001]);
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("-: refused (too_large): "));
}

#[test]
fn many_files_are_counted_now_and_then() {
    let folder = folder("many");
    for n in 0..55 {
        fs::write(folder.join(format!("cvs/more/{n}.txt")), NURSE).unwrap();
    }
    let output = inventure(&folder, &["parse", "cvs", "--json"]);
    assert_eq!(json_lines(&output).len(), 57);
    assert_eq!(text(&output.stderr), "inventure: read 50 of 57 files\n");
    let output = inventure(&folder, &["parse", "cvs", "--json", "--quiet"]);
    assert_eq!((json_lines(&output).len(), output.stderr.len()), (57, 0));
}

/// A photograph of a page; what stands on it is up to the program that recognises text.
const PHOTO: &[u8] = include_bytes!("../../../tests/fixtures/bad/photo.png");

#[test]
fn a_photograph_is_read_where_text_is_recognised_and_that_was_asked_for() {
    let folder = folder("scans");
    fs::write(folder.join("photo.png"), PHOTO).unwrap();
    let with_programs_in = |programs: &str, arguments: &[&str]| {
        let mut command = command(&folder, arguments);
        command.env("PATH", folder.join(programs)).stdin(Stdio::null());
        command.output().unwrap()
    };
    let refused = with_programs_in("none", &["parse", "photo.png"]);
    assert!(text(&refused.stderr).contains("refused (needs_ocr)"));

    let missing = with_programs_in("none", &["parse", "--ocr", "photo.png"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("needs the program tesseract"));

    let mut table = "level\tpage_num\n1\t1\t0\t0\t0\t0\t0\t0\t1000\t1400\t-1\t\n".to_owned();
    for (number, line) in NURSE.lines().enumerate() {
        for (at, word) in line.split_whitespace().enumerate() {
            let (left, top) = (100 + 90 * at, 100 + 40 * number);
            writeln!(table, "5\t1\t1\t1\t{number}\t{at}\t{left}\t{top}\t80\t25\t95\t{word}").unwrap();
        }
    }
    fs::create_dir_all(folder.join("programs")).unwrap();
    fs::write(folder.join("table"), table).unwrap();
    let program = folder.join("programs/tesseract");
    let script = format!(
        "#!/bin/sh\n/bin/cat > /dev/null\nexec /bin/cat '{}'\n",
        folder.join("table").display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let read = with_programs_in("programs", &["parse", "--ocr", "--json", "photo.png"]);
    assert!(read.status.success(), "{}", text(&read.stderr));
    let resume = &json_lines(&read)[0]["resume"];
    assert_eq!(resume["name"]["value"], "Jane Roe");
    let sure = resume["emails"][0]["confidence"].as_f64().unwrap();
    assert!(sure < 0.7, "a contact on a picture is a suggestion: {sure}");
}
