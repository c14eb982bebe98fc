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

/// The pages, in the order in which they are offered.
pub(crate) const PAGES: &[HelpPage] = &[];

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
    out
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
}
