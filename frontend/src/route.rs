//! Where in the course the page is, in the URL's fragment: `#/lesson/names-on-a-custom-bridge/3`.
//!
//! A fragment, because the page is also served as plain files, where no other path would be answered.

use leptos::prelude::*;

/// One of the page's views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Map,
    /// `step` counts from 0; the URL counts from 1, as people do.
    Lesson {
        id: String,
        step: usize,
    },
}

impl Route {
    pub fn parse(fragment: &str) -> Self {
        let mut parts = fragment
            .trim_start_matches('#')
            .trim_matches('/')
            .split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("lesson"), Some(id), step) if !id.is_empty() => {
                let step = step
                    .and_then(|step| step.parse::<usize>().ok())
                    .unwrap_or(1);
                Self::Lesson {
                    id: id.to_owned(),
                    step: step.saturating_sub(1),
                }
            }
            _ => Self::Map,
        }
    }

    pub fn fragment(&self) -> String {
        match self {
            Self::Map => "#/".to_owned(),
            Self::Lesson { id, step } => format!("#/lesson/{id}/{}", step + 1),
        }
    }
}

/// The route now, following the browser's back and forward.
pub fn current() -> ReadSignal<Route> {
    let (route, set_route) = signal(from_location());
    let listener = gloo_events::EventListener::new(&window(), "hashchange", move |_| {
        let fragment = window().location().hash().unwrap_or_default();
        if fragment.starts_with("#launch=") {
            // A new address of the agent's, opened in this tab: for the browser that is the page that it has already.
            let _ = window().location().reload();
            return;
        }
        set_route.set(from_location());
    });
    listener.forget();
    route
}

/// Goes there, leaving a step in the browser's history.
pub fn go(route: &Route) {
    // Fails only for a URL that is not one.
    let _ = window().location().set_hash(&route.fragment());
}

fn from_location() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fragment: &str, expected: Route) {
        assert_eq!(Route::parse(fragment), expected, "{fragment}");
    }

    fn lesson(step: usize) -> Route {
        Route::Lesson {
            id: "names".to_owned(),
            step,
        }
    }

    #[test]
    fn fragments_name_a_view() {
        check("", Route::Map);
        check("#/", Route::Map);
        check("#/lesson/names/3", lesson(2));
        check("#/lesson/names", lesson(0));
        check("#/lesson/names/0", lesson(0));
        check("#/lesson/names/x", lesson(0));
        check("#/elsewhere", Route::Map);
    }

    #[test]
    fn a_route_is_read_back_from_its_fragment() {
        check(&lesson(2).fragment(), lesson(2));
        check(&Route::Map.fragment(), Route::Map);
    }
}
