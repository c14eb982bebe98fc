//! Own fields, from the settings to the pages of a record.

use axum::http::StatusCode;
use register::people::Role;
use register::settings;

use super::with_format;

#[tokio::test]
async fn a_field_is_added_written_renamed_and_deleted() {
    let site = with_format();
    site.import("Nr;Navn;By;Kredit\n1;Alfa;Ribe;1,50\n");
    let anna = site.signed_in("anna", Role::Administrator);
    let otto = site.signed_in("otto", Role::Operator);
    let page = site.get("/settings/own-fields", &anna).await.text;
    assert!(
        page.contains("No own field yet") && page.contains("/settings/own-fields/new?register=products"),
        "{page}"
    );
    assert!(
        !site.get("/settings/own-fields", &otto).await.text.contains("/new?register="),
        "operators look only"
    );
    assert!(site.get("/settings", &otto).await.text.contains("href=\"/settings/own-fields\""));

    // What is wrong stands beside its field, and what was written stays.
    let wrong = [
        ("register", "customers"),
        ("label", "Område <1>"),
        ("name", "city"),
        ("kind", "choice"),
        ("choices", ""),
    ];
    let answer = site.post("/settings/own-fields/save", &anna, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "Nothing was saved.",
        "id=\"name-wrong\"",
        "id=\"choices-wrong\"",
        "value=\"Område &#60;1&#62;\"",
        "value=\"choice\" selected",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    let right = [
        ("register", "customers"),
        ("label", "Område"),
        ("kind", "choice"),
        ("choices", "Nord\r\nSyd & vest\r\n"),
    ];
    let answer = site.post("/settings/own-fields/save", &anna, &right).await;
    assert_eq!(answer.header("location"), "/settings/own-fields?said=saved", "{}", answer.text);
    let list = site.get("/settings/own-fields", &anna).await.text;
    for part in ["Område", "omrade", "Nord, Syd &#38; vest", "edit?register=customers&#38;name=omrade"] {
        assert!(list.contains(part), "{part} in {list}");
    }

    // It stands on the pages of a customer and in the editor of a format.
    let form = site.get("/customers/edit?number=1", &otto).await.text;
    for part in [
        "<h2>Own fields</h2>",
        "<select id=\"omrade\" name=\"value.omrade\"",
        "<option>Syd &#38; vest</option>",
    ] {
        assert!(form.contains(part), "{part} in {form}");
    }
    let sent = [("version", "1"), ("was.omrade", ""), ("value.omrade", "Syd & vest")];
    assert_eq!(site.post("/customers/edit?number=1", &otto, &sent).await.status, StatusCode::SEE_OTHER);
    let page = site.get("/customers/1", &otto).await.text;
    assert!(
        page.matches("Syd &#38; vest").count() == 2 && page.contains("<th scope=\"row\">Område</th>"),
        "value and history: {page}"
    );
    assert!(site.get("/customers?q=syd", &otto).await.text.contains("1 of 1 customer"));
    let editor = site.get("/settings/formats/edit?name=ERP%20customers", &anna).await.text;
    assert!(editor.contains("name=\"from.omrade\""), "{editor}");

    // Another label and other choices lose nothing.
    let edit = [
        ("register", "customers"),
        ("old-name", "omrade"),
        ("label", "Distrikt"),
        ("kind", "choice"),
        ("choices", "Nord"),
    ];
    assert_eq!(site.post("/settings/own-fields/save", &anna, &edit).await.status, StatusCode::SEE_OTHER);
    let form = site.get("/customers/edit?number=1", &otto).await.text;
    assert!(
        form.contains("<option selected>Syd &#38; vest</option>"),
        "what is no choice any more stays: {form}"
    );
    let edit = [("register", "customers"), ("old-name", "omrade"), ("label", "Distrikt"), ("kind", "date")];
    let answer = site.post("/settings/own-fields/save", &anna, &edit).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer
            .text
            .contains("id=\"kind-wrong\">1 customer has a value of the kind choice, which is no date."),
        "{}",
        answer.text
    );

    // Not while a format maps it.
    let name = [("register", "customers"), ("name", "omrade")];
    let map = |on: bool| {
        site.site.database.write(|c| {
            let mut format = settings::format(c, "ERP customers")?.unwrap().format;
            format.columns.retain(|column| column.field != "omrade");
            if on {
                let column = erpfile::Column::new(erpfile::ColumnFrom::Name("By".into()), "omrade");
                format.columns.push(column);
            }
            settings::save_format(c, Some("ERP customers"), format, "Anna", (site.site.clock)())
        })
    };
    map(true).unwrap();
    let page = site.get("/settings/own-fields/edit?register=customers&name=omrade", &anna).await.text;
    assert!(page.contains("It cannot be deleted.") && page.contains("the format “ERP customers”"), "{page}");
    let answer = site.post("/settings/own-fields/delete", &anna, &name).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("the format “ERP customers”"), "{}", answer.text);
    map(false).unwrap();
    let page = site.get("/settings/own-fields/edit?register=customers&name=omrade", &anna).await.text;
    assert!(page.contains("1 customer holds a value."), "{page}");
    let answer = site.post("/settings/own-fields/delete", &anna, &name).await;
    assert_eq!(answer.header("location"), "/settings/own-fields?said=deleted", "{}", answer.text);
    let page = site.get("/customers/1", &otto).await.text;
    assert!(
        !page.contains("Own fields") && page.contains("<th scope=\"row\">omrade</th>"),
        "the history stays: {page}"
    );
    assert_eq!(
        site.get("/settings/own-fields/edit?register=customers&name=omrade", &anna).await.status,
        StatusCode::NOT_FOUND
    );
    // The same field again has its values again.
    site.post("/settings/own-fields/save", &anna, &right).await;
    assert!(site.get("/customers/1", &otto).await.text.contains("Syd &#38; vest"));
}
