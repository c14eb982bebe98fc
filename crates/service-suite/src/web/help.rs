//! Main menu > Help: the documentation, offline.

use askama::Template;
use axum::extract::Path;
use axum::response::Redirect;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

use super::page::{Frame, Page, Visitor};
use super::show;
use super::trouble::Trouble;

/// A page of the documentation.
pub(crate) struct HelpPage {
    /// Its name in addresses, and of its file in `docs/`.
    pub(crate) name: &'static str,
    /// Its title.
    pub(crate) title: &'static str,
    text: &'static str,
}

/// A page with the text of its file.
macro_rules! page {
    ($name:literal, $title:literal) => {
        HelpPage {
            name: $name,
            title: $title,
            text: include_str!(concat!("../../../../docs/", $name, ".md")),
        }
    };
}

/// The pages, in the order in which they are offered.
pub(crate) const PAGES: &[HelpPage] = &[
    page!("getting-started", "Getting started"),
    page!("main-menu", "Main menu"),
    page!("customers", "Customers and other registers"),
    page!("imports", "Imports"),
    page!("automation", "Automation"),
    page!("settings", "Settings"),
    page!("problems", "Problems and what to do"),
    page!("recipe-nightly-full-export", "Recipe: a full export every night"),
    page!("recipe-export-per-customer", "Recipe: an export for each customer"),
    page!("recipe-windows-share", "Recipe: a Windows ERP system and a share"),
    page!("recipe-sftp-ftp-rsync", "Recipe: delivery by SFTP, FTP or rsync"),
    page!("recipe-several-files", "Recipe: several files for one register"),
    page!("command-line", "Command line"),
    page!("running", "Running it"),
    page!("reliability", "Reliability"),
    page!("reading", "Reading"),
    page!("performance", "Performance"),
    page!("help", "Where to ask"),
];

#[derive(Template)]
#[template(path = "help.html")]
struct HelpTemplate {
    frame: Frame,
    pages: &'static [HelpPage],
    current: &'static str,
    html: String,
}

/// The first page.
pub(crate) async fn first() -> Result<Redirect, Trouble> {
    let first = PAGES.first().ok_or_else(|| Trouble::not_found("This program was built without help."))?;
    Ok(Redirect::to(&format!("/help/{}", first.name)))
}

/// One page.
pub(crate) async fn page(visitor: Visitor, Path(name): Path<String>) -> Result<Page<impl Template>, Trouble> {
    let name = name.trim_end_matches(".md");
    let page = PAGES.iter().find(|page| page.name == name).ok_or_else(|| {
        Trouble::not_found(format!("There is no help about \"{name}\".")).or_go("/help", "All help")
    })?;
    let frame = Frame::new(visitor, "/help", page.title);
    Ok(Page(HelpTemplate { frame, pages: PAGES, current: page.name, html: rendered(page.text) }))
}

/// Markdown as HTML. Links between the documents (`imports.md`) become links between pages; pictures, of which the
/// program carries none, become their description.
fn rendered(markdown: &str) -> String {
    let mut in_picture = false;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Image { .. }) => {
            in_picture = true;
            None
        }
        Event::End(pulldown_cmark::TagEnd::Image) => {
            in_picture = false;
            None
        }
        _ if in_picture => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Some(Event::Start(Tag::Link { link_type, dest_url: inside(dest_url), title, id }))
        }
        // The documents are ours, but markup in them is not needed either.
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        other => Some(other),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    // What is wider than its place is scrolled, and so must be reachable with the keyboard.
    out.replace("<pre>", "<pre tabindex=\"0\">")
        .replace("<table>", "<div class=\"scroll\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
}

/// `imports.md#proof` as an address of the help.
fn inside(link: CowStr<'_>) -> CowStr<'_> {
    let (file, anchor) = link.split_once('#').map_or((&*link, None), |(file, anchor)| (file, Some(anchor)));
    match file.strip_suffix(".md") {
        Some(name) if !name.contains("//") => {
            let name = name.rsplit('/').next().unwrap_or(name);
            let anchor = anchor.map(|a| format!("#{a}")).unwrap_or_default();
            format!("/help/{name}{anchor}").into()
        }
        _ => link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_pages() {
        let html = rendered(
            "See [imports](imports.md#proof) and [us](https://example.com/a.md). ![A picture](x.png)\n",
        );
        assert!(html.contains(r#"<a href="/help/imports#proof">imports</a>"#), "{html}");
        assert!(html.contains(r#"href="https://example.com/a.md""#), "{html}");
        assert!(!html.contains("<img"), "{html}");
        let html = rendered("<script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
        assert!(html.contains("&lt;script&gt;") && html.contains("<table>"), "{html}");
    }

    /// The root of the repository.
    fn root() -> &'static std::path::Path {
        std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    #[test]
    fn every_document_is_a_page_and_every_page_begins_with_a_heading() {
        let mut documents: Vec<String> = std::fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .collect();
        documents.sort();
        let mut pages: Vec<&str> = PAGES.iter().map(|page| page.name).collect();
        pages.sort_unstable();
        assert_eq!(documents, pages);
        for page in PAGES {
            assert!(page.text.starts_with("# "), "{}", page.name);
        }
    }

    #[test]
    fn every_link_between_the_pages_leads_to_one() {
        for page in PAGES {
            for event in Parser::new(page.text) {
                let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
                let name =
                    dest_url.strip_suffix(".md").unwrap_or_else(|| panic!("{}: {dest_url}", page.name));
                assert!(PAGES.iter().any(|page| page.name == name), "{}: {dest_url}", page.name);
            }
        }
    }

    /// The codes that this crate makes problems with, found in its sources.
    fn own_codes(folder: &std::path::Path, codes: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                own_codes(&path, codes);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let made = text.split("Problem::new(").skip(1);
                let code = made.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
                let word = |code: &str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                codes.extend(code.filter(|(code, _)| word(code)).map(|(code, _)| code.to_owned()));
            }
        }
    }

    #[test]
    fn every_problem_is_explained() {
        let page = PAGES.iter().find(|page| page.name == "problems").unwrap().text;
        let mut codes = Vec::new();
        own_codes(&root().join("crates/service-suite/src"), &mut codes);
        let read =
            erpfile::code::ALL.iter().chain(register::field::code::ALL).map(|(code, _)| (*code).to_owned());
        codes.extend(read);
        for code in codes.iter().filter(|code| !code.is_empty()) {
            assert!(page.contains(&format!("\n| `{code}` |")), "docs/problems.md does not explain {code}");
        }
    }

    #[test]
    fn every_path_that_the_architecture_names_exists() {
        let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
        let named = Parser::new(&text).filter_map(|event| match event {
            Event::Code(code) => Some(code),
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url),
            _ => None,
        });
        let rooms = ["crates/", "docs/", "scripts/", "tests/", ".ci/"];
        let paths: Vec<_> = named
            .filter(|path| rooms.iter().any(|room| path.starts_with(room)) || path.ends_with(".md"))
            .collect();
        assert!(paths.len() > 50, "the document is not read rightly: {paths:?}");
        for path in paths {
            assert!(root().join(&*path).exists(), "ARCHITECTURE.md names {path}");
        }
    }
}
