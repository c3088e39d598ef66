//! Checks what the user pool vouches for, and what people may write there themselves.

use inventure_tests::Stack;
use serde_json::json;
use uuid::Uuid;

/// Somebody who signed up by themselves: their address and password.
fn signed_up(stack: &Stack) -> (String, String) {
    let email = format!("self-{}@example.com", Uuid::new_v4().simple());
    let password = format!("Aa1!{}", Uuid::new_v4().simple());
    let client = stack.output("UserPoolClientId");
    let sign_up = json!({ "ClientId": client, "Username": email, "Password": password,
        "UserAttributes": [{ "Name": "name", "Value": "Sam" }] });
    let _ = stack.cognito("SignUp", &sign_up).expect(200);
    let mail = stack.mail_to(&email).expect("a mail with a code");
    let code: String = mail.chars().filter(char::is_ascii_digit).collect();
    let confirm = json!({ "ClientId": client, "Username": email, "ConfirmationCode": code });
    let _ = stack.cognito("ConfirmSignUp", &confirm).expect(200);
    (email, password)
}

#[test]
fn a_stranger_writes_the_address_of_an_invited_person_into_their_own_account() {
    let stack = Stack::running();
    let (owner, tenant) = stack.agency("inviting");
    let victim = stack.person("invited");
    let body = json!({ "email": victim.email, "role": "broker" });
    let path = format!("/tenants/{tenant}/invitations");
    let invitation = owner.write("POST", &path, &body).expect(201);
    let accept = json!({ "token": invitation["token"] });

    // At sign-up…
    let claimed = json!([{ "Name": "email", "Value": victim.email }, { "Name": "email_verified", "Value": "true" }]);
    let password = format!("Aa1!{}", Uuid::new_v4().simple());
    let sign_up = json!({ "ClientId": stack.output("UserPoolClientId"), "Username": "eve@example.com",
        "Password": password, "UserAttributes": claimed });
    let _ = stack.cognito("SignUp", &sign_up).expect(400);
    // … and later, with the access token of an account of their own.
    let (email, password) = signed_up(&stack);
    let tokens = stack.tokens(&email, &password);
    for attributes in [&claimed, &json!([claimed[0]]), &json!([claimed[1]])] {
        let write = json!({ "AccessToken": tokens["AccessToken"], "UserAttributes": attributes });
        let _ = stack.cognito("UpdateUserAttributes", &write).expect(400);
    }
    let tokens = stack.tokens(&email, &password);
    let stranger = stack.bearer(tokens["IdToken"].as_str());
    assert_eq!(stranger.get("/me").expect(200)["email"], email.as_str());
    let _ = stranger.write("POST", "/invitations/accept", &accept).expect(404);
    let _ = stack
        .bearer(tokens["AccessToken"].as_str())
        .write("POST", "/invitations/accept", &accept)
        .expect(401);
    let _ = victim.write("POST", "/invitations/accept", &accept).expect(201);
}

#[test]
fn who_signs_up_by_themselves_is_known_by_the_address_that_they_confirmed() {
    let stack = Stack::running();
    let (owner, tenant) = stack.agency("open");
    let (email, password) = signed_up(&stack);
    let body = json!({ "email": email, "role": "broker" });
    let path = format!("/tenants/{tenant}/invitations");
    let invitation = owner.write("POST", &path, &body).expect(201);
    let tokens = stack.tokens(&email, &password);
    let person = stack.bearer(tokens["IdToken"].as_str());
    let joined = person
        .write("POST", "/invitations/accept", &json!({ "token": invitation["token"] }))
        .expect(201);
    assert_eq!((&joined["email"], &joined["name"]), (&json!(email), &json!("Sam")));
    // For everything else the access token will do.
    let by_access = stack.bearer(tokens["AccessToken"].as_str());
    let _ = by_access.get(&format!("/tenants/{tenant}/members")).expect(200);
}
