//! Work on many things at once, on all cores; the results come in the order of the things.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Things below which one thread is as good as several.
const ALONE: usize = 8;

/// The same for each, on all cores where that is worth it, in their order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if items.len() < ALONE || threads == 1 {
        return items.iter().map(each).collect();
    }
    let each = &each;
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(threads))
            .map(|part| scope.spawn(move || part.iter().map(each).collect::<Vec<R>>()))
            .collect();
        let joined = parts.into_iter().map(|p| p.join().expect("a check has no panics: a package is foreign bytes"));
        joined.flatten().collect()
    })
}

/// The same where the work on one item is long and of unequal length: whoever is free takes the next.
pub(crate) fn each_in_parallel<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if threads < 2 {
        return items.iter().map(each).collect();
    }
    let (next, each) = (&AtomicUsize::new(0), &each);
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    let mine = std::iter::from_fn(|| {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        items.get(n).map(|item| (n, each(item)))
                    });
                    mine.collect::<Vec<_>>()
                })
            })
            .collect();
        let joined = parts.into_iter().map(|p| p.join().expect("a check has no panics: a package is foreign bytes"));
        let mut done: Vec<(usize, R)> = joined.flatten().collect();
        done.sort_by_key(|d| d.0);
        done.into_iter().map(|d| d.1).collect()
    })
}
