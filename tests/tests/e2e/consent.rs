//! Upload forms on the stack: each takes one file.

use inventure_tests::{Stack, wait};

const RESUME: &str = "Ottoline Brackenbury\nSenior Backend Engineer\nottoline.brackenbury@example.com | +1 512 555 0163\n\
Austin, TX\n\nEXPERIENCE\nSenior Backend Engineer, Zygomorphic Systems\nMarch 2019 - Present\n\
- Built payment services in Rust on AWS Lambda and DynamoDB\n\nEDUCATION\nBSc Computer Science, University of Leeds, 2015\n\n\
SKILLS\nRust, Go, PostgreSQL, Kafka, Kubernetes\n";

#[test]
fn a_form_that_is_posted_twice_replaces_nothing() {
    let stack = Stack::running();
    let (broker, _) = stack.agency("form-twice");
    let candidate = broker.candidate("O.");
    let form = broker.form(&candidate, "cv.txt", "text/plain");
    let post = |text: &str| {
        let answer = inventure_tests::post_form(&form, text.as_bytes());
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    };
    post(RESUME);
    assert_eq!(broker.reading(&candidate)["status"], "parsed");
    post("Somebody Else\nNurse\n\nEXPERIENCE\nNurse, Quibberwick Hospital\n2018 - 2020\n");
    let key = form["fields"]["key"].as_str().unwrap().to_owned();
    wait("the second file to be erased", || {
        let left = stack
            .objects("UploadsBucket")
            .into_iter()
            .filter(|(found, _)| *found == key);
        (left.count() == 0).then_some(())
    });
    let resume = broker.get(&format!("/candidates/{candidate}/resume")).expect(200);
    assert!(resume["text"].as_str().unwrap().contains("Zygomorphic"));
}
