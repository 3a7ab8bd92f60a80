//! A cactus plot: how many instances were solved within how many seconds each, a curve a procedure.

use std::path::Path;

use anser::budget::Budget;
use anser::files;
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;
use plotters::style::register_font;

use super::png;
use super::summary::{Score, Summary};
use crate::Failure;

/// Pixels.
pub const SIZE: (u32, u32) = (1000, 700);

/// DejaVu Sans with the printable characters of ASCII: labels look the same where a system has no fonts.
const FONT: &[u8] = include_bytes!("DejaVuSans-ascii.ttf");

/// Seconds at the bottom of the plot: what is faster is drawn there.
const LEAST: f64 = 0.001;

/// Told apart also by most who do not see all colours: M. Okabe, K. Ito, "Color universal design", 2008, and two more.
const COLORS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(148, 103, 40),
    RGBColor(110, 110, 110),
    RGBColor(120, 60, 170),
];

/// Writes the plot as PNG.
pub fn write(summary: &Summary, limit: f64, path: &Path) -> Result<(), Failure> {
    let (width, height) = SIZE;
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    register_font("sans-serif", FontStyle::Normal, FONT).map_err(|_| Failure("the font is none".into()))?;
    draw(summary, limit, &mut pixels).map_err(|why| Failure(format!("{}: {why}", path.display())))?;
    files::write_file(path, &png::encode(&pixels, width, height)?, &Budget::unlimited())?;
    Ok(())
}

fn draw(summary: &Summary, limit: f64, pixels: &mut [u8]) -> Result<(), Box<dyn std::error::Error>> {
    let root = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let most = summary.virtual_best.solved().max(1) as f64;
    let slowest = summary.scores.iter().filter_map(|score| score.times.last()).fold(limit, |a, &b| a.max(b));
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(52)
        .y_label_area_size(84)
        .build_cartesian_2d(0.0..most * 1.02, (LEAST..slowest.max(10.0 * LEAST) * 1.5).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(format!("instances solved, of {}", summary.instances))
        .y_desc("seconds for an instance")
        .label_style(("sans-serif", 17))
        .axis_desc_style(("sans-serif", 20))
        .x_max_light_lines(1)
        .x_label_formatter(&|x| if x.fract() == 0.0 { format!("{x}") } else { String::new() })
        .y_label_formatter(&|y| format!("{y}"))
        .light_line_style(RGBColor(240, 240, 240))
        .bold_line_style(RGBColor(215, 215, 215))
        .draw()?;
    let colors = COLORS.iter().cycle();
    let curves = summary.scores.iter().zip(colors).map(|(score, color)| (score, color, 2));
    // The virtual best lies under the others, wider, so that both are seen where they meet.
    for (score, &color, line) in std::iter::once((&summary.virtual_best, &BLACK, 5)).chain(curves) {
        let points = points(score);
        let color = if line == 5 { color.mix(0.35) } else { color.to_rgba() };
        let style = ShapeStyle { color, filled: true, stroke_width: line };
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style))?
            .label(format!("{}: {}", score.procedure, score.solved()))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
        // One point alone is no line.
        let radius = if points.len() > 60 { 0 } else { 3 };
        chart.draw_series(points.iter().map(|&point| Circle::new(point, radius, style)))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .margin(12)
        .legend_area_size(32)
        .label_font(("sans-serif", 17))
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(160, 160, 160))
        .draw()?;
    root.present()?;
    Ok(())
}

fn points(score: &Score) -> Vec<(f64, f64)> {
    score.times.iter().enumerate().map(|(index, &time)| ((index + 1) as f64, time.max(LEAST))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(scores: Vec<Score>) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        let virtual_best = scores.first().cloned().unwrap_or_default();
        let summary = Summary { instances: 7, scores, single_best: None, virtual_best, disagreements: Vec::new() };
        assert!(write(&summary, 5.0, &path).is_ok());
        std::fs::read(&path).unwrap()
    }

    /// The colours of an image, once each.
    fn colors(png: &[u8]) -> std::collections::HashSet<[u8; 3]> {
        let length = u32::from_be_bytes(png[33..37].try_into().unwrap()) as usize;
        assert_eq!((&png[..8], &png[37..41]), (&b"\x89PNG\r\n\x1a\n"[..], &b"IDAT"[..]));
        let mut rows = Vec::new();
        let mut decoder = flate2::read::ZlibDecoder::new(&png[41..41 + length]);
        std::io::Read::read_to_end(&mut decoder, &mut rows).unwrap();
        let row = 1 + 3 * SIZE.0 as usize;
        assert_eq!(rows.len(), row * SIZE.1 as usize);
        rows.chunks(row).flat_map(|row| row[1..].chunks(3).map(|p| p.try_into().unwrap()).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn curves_are_drawn() {
        let score =
            |name: &str, times: &[f64]| Score { procedure: name.into(), times: times.to_vec(), ..Score::default() };
        let drawn = colors(&image(vec![score("one", &[0.0, 0.5, 2.0]), score("two", &[4.0])]));
        let is_there = |index: usize| drawn.contains(&[COLORS[index].0, COLORS[index].1, COLORS[index].2]);
        assert!(is_there(0) && is_there(1) && !is_there(2));
    }

    #[test]
    fn there_is_an_image_where_nothing_was_solved() {
        assert!(!colors(&image(Vec::new())).is_empty());
        assert!(!colors(&image(vec![Score::default()])).is_empty());
    }
}
