//! Changing and creating records by hand.

use axum::http::StatusCode;
use register::people::Role;
use register::{CUSTOMERS, edit, records};

use super::with_format;
use crate::web::testing::TestSite;

const FILE: &str = "Nr;Navn;By;Kredit\n1;Alfa;Ribe;1,50\n/2;Beta;Vejle;\n";

fn imported() -> (TestSite, String) {
    let site = with_format();
    site.import(FILE);
    let cookie = site.signed_in("otto", Role::Operator);
    (site, cookie)
}

fn value(site: &TestSite, number: &str, field: &str) -> Option<String> {
    let record = site.site.database.read(|c| records::find(c, &CUSTOMERS, number)).unwrap();
    record.unwrap().value(&CUSTOMERS, field).map(str::to_owned)
}

/// Somebody else changes a field of customer 1.
fn meanwhile(site: &TestSite, field: &str, value: &str) {
    let at = (site.site.clock)();
    let edited = site.site.database.write(|c| {
        let version = records::find(c, &CUSTOMERS, "1")?.unwrap().version;
        edit::edit(c, &CUSTOMERS, "1", version, &[(field, Some(value))], "Bent", at)
    });
    edited.unwrap();
}

#[tokio::test]
async fn a_customer_is_edited_and_its_history_names_the_person() {
    let (site, cookie) = imported();
    let vera = site.signed_in("vera", Role::Viewer);
    let page = site.get("/customers/1", &cookie).await.text;
    assert!(page.contains("href=\"/customers/edit?number=1\""), "{page}");
    assert!(!site.get("/customers/1", &vera).await.text.contains("/customers/edit"), "viewers edit nothing");
    let form = site.get("/customers/edit?number=1", &cookie).await.text;
    for part in [
        "name=\"value.city\" type=\"text\" value=\"Ribe\"",
        "name=\"was.city\" value=\"Ribe\"",
        "name=\"value.created_on\" type=\"date\"",
        "name=\"value.phone\" type=\"tel\"",
        "type=\"checkbox\" id=\"blocked\"",
        "<textarea id=\"notes\"",
        "name=\"version\" value=\"1\"",
        "the next customers.txt that says something else",
    ] {
        assert!(form.contains(part), "{part} in {form}");
    }
    assert!(!form.contains("name=\"value.number\""), "the key is not changed: {form}");
    let sent = [
        ("version", "1"),
        ("was.city", "Ribe"),
        ("value.city", " Esbjerg "),
        ("was.credit_limit", "1.50"),
        ("value.credit_limit", "1.50"),
        ("was.blocked", ""),
        ("value.blocked", "1"),
        ("was.notes", ""),
        ("value.notes", "Ring først\r\nSpørg efter <Bo>"),
        ("value.number", "7"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/customers/1?said=saved")
    );
    let page = site.get("/customers/1?said=saved", &cookie).await.text;
    for part in ["Saved.", "Esbjerg", "otto", "Spørg efter &#60;Bo&#62;"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(value(&site, "1", "notes").as_deref(), Some("Ring først\nSpørg efter <Bo>"));
    assert_eq!(value(&site, "1", "credit_limit").as_deref(), Some("1.50"), "what nobody touched stays");
    assert_eq!(page.matches("<td class=\"nowrap\">otto</td>").count(), 3, "three fields changed: {page}");
    // Nothing changed: nothing is noted.
    let same = [("version", "1"), ("was.city", "x"), ("value.city", "x")];
    let answer = site.post("/customers/edit?number=1", &cookie, &same).await;
    assert_eq!(answer.header("location"), "/customers/1");
    assert_eq!(site.get("/customers/edit?number=77", &cookie).await.status, StatusCode::NOT_FOUND);
    // Any key has its form.
    assert!(site.get("/customers/edit?number=%2F2", &cookie).await.text.contains("value=\"Beta\""));
}

#[tokio::test]
async fn contacts_are_added_changed_and_removed_in_the_form() {
    let (site, cookie) = imported();
    let page = site.get("/customers/1", &cookie).await.text;
    assert!(page.contains("No contacts."), "{page}");
    let form = site.get("/customers/edit?number=1", &cookie).await.text;
    assert!(form.contains("value=\"add-contact\"") && !form.contains("contact.0.name"), "{form}");
    // Adding a row saves nothing, and keeps what was written.
    let add = [
        ("version", "1"),
        ("was.city", "Ribe"),
        ("value.city", "Tønder"),
        ("was.contacts", ""),
        ("do", "add-contact"),
    ];
    let form = site.post("/customers/edit?number=1", &cookie, &add).await;
    assert_eq!(form.status, StatusCode::OK);
    for part in
        ["name=\"contact.0.name\"", "autofocus", "data-typed=\"yes\"", "value=\"Tønder\"", "type=\"tel\""]
    {
        assert!(form.text.contains(part), "{part} in {}", form.text);
    }
    assert_eq!(value(&site, "1", "city").as_deref(), Some("Ribe"));
    let save = [
        ("version", "1"),
        ("was.contacts", ""),
        ("contact.0.name", " Anna <Olsen> "),
        ("contact.0.email", "anna@olsen.example"),
        ("contact.1.name", ""),
        ("contact.2.name", "Bo"),
        ("contact.2.phone", "86 12 34 56"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &save).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = site.get("/customers/1", &cookie).await.text;
    for part in [
        "Anna &#60;Olsen&#62;",
        "href=\"mailto:anna@olsen.example\"",
        "href=\"tel:86123456\"",
        "Contacts</th>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // One is removed, one becomes wrong: nothing is saved, and all of it still stands there.
    let stored = value(&site, "1", "contacts").unwrap();
    let remove = [
        ("version", "2"),
        ("was.contacts", stored.as_str()),
        ("contact.0.name", "Anna <Olsen>"),
        ("contact.0.email", "anna@olsen.example"),
        ("contact.1.name", "Bo"),
        ("contact.1.email", "bo"),
        ("do", "remove-contact-0"),
    ];
    let form = site.post("/customers/edit?number=1", &cookie, &remove).await.text;
    assert!(form.contains("value=\"bo\"") && !form.contains("Olsen&#62;\""), "{form}");
    let wrong = [
        ("version", "2"),
        ("was.contacts", stored.as_str()),
        ("contact.0.name", "Bo"),
        ("contact.0.email", "bo"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "id=\"contacts-wrong\"",
        "Contact 1, e-mail: &#34;bo&#34; is not an e-mail address.",
        "href=\"#contacts\"",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    let right = [
        ("version", "2"),
        ("was.contacts", stored.as_str()),
        ("contact.0.name", "Bo"),
        ("contact.0.phone", "86 12 34 56"),
    ];
    assert_eq!(site.post("/customers/edit?number=1", &cookie, &right).await.status, StatusCode::SEE_OTHER);
    assert_eq!(value(&site, "1", "contacts").as_deref(), Some(r#"[{"name":"Bo","phone":"86 12 34 56"}]"#));
    let page = site.get("/customers/1", &cookie).await.text;
    assert!(
        page.contains("<span class=\"said\">Anna &#60;Olsen&#62;, anna@olsen.example</span>"),
        "only what differs: {page}"
    );
    // A new customer gets them the same way.
    let new = [("value.number", "9"), ("contact.0.name", "Carl"), ("do", "add-contact")];
    let form = site.post("/customers/new", &cookie, &new).await;
    assert!(form.status == StatusCode::OK && form.text.contains("contact.1.name"), "{}", form.text);
    let new = [("value.number", "9"), ("contact.0.name", "Carl"), ("contact.1.name", "")];
    assert_eq!(site.post("/customers/new", &cookie, &new).await.status, StatusCode::SEE_OTHER);
    assert_eq!(value(&site, "9", "contacts").as_deref(), Some(r#"[{"name":"Carl"}]"#));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_that_was_written_is_lost() {
    let (site, cookie) = imported();
    let sent = [
        ("version", "1"),
        ("was.name", "Alfa"),
        ("value.name", "Alfa \"& Søn\""),
        ("value.country", "Atlantis"),
        ("value.credit_limit", "1.234"),
        ("value.email", "nobody"),
        ("value.inactive", "1"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "Nothing was saved.",
        "value=\"Alfa &#34;&#38; Søn&#34;\"",
        "name=\"was.name\" value=\"Alfa\"",
        "value=\"Atlantis\"",
        "id=\"country-wrong\"",
        "id=\"credit_limit-wrong\"",
        "id=\"email-wrong\"",
        "href=\"#email\"",
        "value=\"1\" checked",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    assert_eq!(answer.text.matches("aria-invalid=\"true\"").count(), 3);
    assert_eq!(answer.text.matches(" autofocus").count(), 1, "the first of them has the focus");
    assert_eq!(value(&site, "1", "name").as_deref(), Some("Alfa"));
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_shown_beside_what_the_person_wrote() {
    let (site, cookie) = imported();
    meanwhile(&site, "city", "Kolding");
    meanwhile(&site, "phone", "123");
    let sent = [
        ("version", "1"),
        ("was.city", "Ribe"),
        ("value.city", "Esbjerg"),
        ("was.name", "Alfa"),
        ("value.name", "Alfa"),
        ("was.credit_limit", "1.50"),
        ("value.credit_limit", "2"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    for part in [
        "it was changed meanwhile, by Bent",
        "Phone: empty → 123",
        "value=\"Esbjerg\"",
        "Meanwhile: <strong>Kolding</strong>",
        "name=\"was.city\" value=\"Kolding\"",
        "name=\"version\" value=\"3\"",
        "data-typed=\"yes\"",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    assert_eq!(
        value(&site, "1", "city").as_deref(),
        Some("Kolding"),
        "nobody's change is overwritten unseen"
    );
    // Saved again, knowing.
    let mut sent = sent.to_vec();
    sent[0].1 = "3";
    sent[1].1 = "Kolding";
    sent.extend([("was.phone", "123"), ("value.phone", "123")]);
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let now = ["city", "phone", "credit_limit"].map(|field| value(&site, "1", field).unwrap());
    assert_eq!(now, ["Esbjerg", "123", "2"]);
    // An import says its number.
    site.import("Nr;Navn;By;Kredit\n1;Alfa;Varde;1,50\n");
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert!(answer.text.contains("it was changed meanwhile, by import 2"), "{}", answer.text);
}

#[tokio::test]
async fn a_customer_that_was_removed_meanwhile_can_be_created_anew() {
    let (site, cookie) = imported();
    let mut report = |_| std::ops::ControlFlow::Continue(());
    let at = (site.site.clock)();
    register::undo::undo(&site.site.database, 1, "Bent", at, &mut report).unwrap();
    let sent = [
        ("version", "1"),
        ("was.city", "Ribe"),
        ("value.city", "Esbjerg"),
        ("was.name", "Alfa"),
        ("value.name", "Alfa"),
    ];
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    for part in [
        "was removed meanwhile",
        "action=\"/customers/new\"",
        "name=\"value.number\" type=\"text\" value=\"1\"",
        "value=\"Esbjerg\"",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
}

#[tokio::test]
async fn a_customer_is_created_by_hand() {
    let site = with_format();
    let (otto, vera) = (site.signed_in("otto", Role::Operator), site.signed_in("vera", Role::Viewer));
    let empty = site.get("/customers", &otto).await.text;
    assert!(empty.contains("New customer") && empty.contains("write one in yourself"), "{empty}");
    assert!(!site.get("/customers", &vera).await.text.contains("New customer"));
    let form = site.get("/customers/new", &otto).await.text;
    assert!(form.contains("name=\"value.number\"") && form.contains(" autofocus"), "{form}");
    let answer = site.post("/customers/new", &otto, &[("value.number", " "), ("value.name", "Bager")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("A customer needs a number.") && answer.text.contains("value=\"Bager\""));
    let sent =
        [("value.number", " new "), ("value.name", "Bager"), ("value.blocked", "1"), ("value.email", "")];
    let answer = site.post("/customers/new", &otto, &sent).await;
    assert_eq!(answer.header("location"), "/customers/record?number=new&said=created");
    let page = site.get(answer.header("location"), &otto).await.text;
    assert!(page.contains("Created.") && page.contains("<h1>Bager</h1>") && page.contains("otto"), "{page}");
    assert_eq!(value(&site, "new", "blocked").as_deref(), Some("1"));
    assert_eq!(value(&site, "new", "inactive"), None, "what was not ticked is not said");
    let twice = site.post("/customers/new", &otto, &sent).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("There is a customer new already."), "{}", twice.text);
    assert_eq!(
        site.post("/products/new", &otto, &[("value.number", "P1")]).await.header("location"),
        "/products/P1?said=created"
    );
}

#[tokio::test]
async fn an_edit_that_meets_a_commit_waits_and_is_not_lost() {
    let (site, cookie) = imported();
    let site = site.impatient();
    let commit = site.commit();
    let sent = [("version", "1"), ("was.city", "Ribe"), ("value.city", "Esbjerg")];
    let answer = site.post("/customers/edit?number=1", &cookie, &sent).await;
    let page = answer.header("location").to_owned();
    assert!(page.starts_with("/waiting/"), "{answer:?}");
    drop(commit);
    let answer = site.outcome(&page, &cookie).await;
    assert_eq!(answer.header("location"), "/customers/1?said=saved");
    assert_eq!(value(&site, "1", "city").as_deref(), Some("Esbjerg"));
}

#[tokio::test]
async fn the_form_hints_at_what_looks_wrong_and_saves_it_all_the_same() {
    let (site, cookie) = imported();
    meanwhile(&site, "gln", "5790000000001");
    let form = site.get("/customers/edit?number=1", &cookie).await.text;
    assert!(form.contains("is no GLN or EAN: its check digit is not right"), "{form}");
    assert_eq!(value(&site, "1", "gln").as_deref(), Some("5790000000001"));
    meanwhile(&site, "gln", "5790000000005");
    let form = site.get("/customers/edit?number=1", &cookie).await.text;
    assert!(!form.contains("is no GLN or EAN"), "{form}");
}
