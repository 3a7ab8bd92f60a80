//! Samples of a network in files: numpy's `.npy`, and comma-separated values.

use std::io::Write;
use std::path::Path;

use anser::budget::Budget;
use anser::files;
use npyz::{DType, NpyFile, Order, TypeChar, WriterBuilder as _};

use crate::Failure;

/// The longest header that is handed to the decoder; numpy's own are some hundred bytes.
const NPY_HEADER: usize = 1 << 14;

/// Rows of numbers.
pub struct Samples {
    pub values: Vec<f64>,
    pub rows: usize,
}

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Npy,
    Csv,
}

impl Kind {
    pub fn of(file: &Path) -> Result<Kind, Failure> {
        let suffix = file.extension().and_then(|s| s.to_str()).unwrap_or_default();
        match suffix {
            "npy" => Ok(Kind::Npy),
            "csv" => Ok(Kind::Csv),
            _ => Err(Failure(format!("{}: the name must end in .npy or .csv", file.display()))),
        }
    }
}

/// Reads samples of `length` numbers each.
pub fn read(file: &Path, length: usize, budget: &Budget) -> Result<Samples, Failure> {
    let kind = Kind::of(file)?;
    let bytes = files::read_file(file, budget)?;
    let read = match kind {
        Kind::Npy => npy(&bytes, length),
        Kind::Csv => csv(&bytes, length),
    };
    read.map_err(|why| Failure(format!("{}: {why}", file.display())))
}

fn npy(bytes: &[u8], length: usize) -> Result<Samples, String> {
    let header = match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => usize::from(u16::from_le_bytes([*a, *b])),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => return Err("not a .npy file".into()),
    };
    if header > NPY_HEADER {
        return Err(format!("its header claims {header} bytes"));
    }
    let file = NpyFile::new(bytes).map_err(|e| e.to_string())?;
    let shape = file.shape().to_vec();
    if file.order() == Order::Fortran && shape.len() > 1 {
        return Err("it is in Fortran order; save it with numpy.ascontiguousarray".into());
    }
    let count = shape.iter().try_fold(1u64, |n, &d| n.checked_mul(d)).filter(|&n| n <= bytes.len() as u64);
    let count = count.ok_or_else(|| format!("its shape {shape:?} has more elements than the file has bytes"))?;
    let rows =
        rows(count, length).ok_or_else(|| format!("its shape {shape:?} holds no samples of {length} numbers"))?;
    let values = numbers(file)?;
    if values.len() as u64 != count {
        return Err(format!("its shape {shape:?} promises {count} elements, there are {}", values.len()));
    }
    Ok(Samples { values, rows })
}

/// The elements, whatever their type.
fn numbers(file: NpyFile<&[u8]>) -> Result<Vec<f64>, String> {
    fn read<T: npyz::Deserialize>(file: NpyFile<&[u8]>, convert: impl Fn(T) -> f64) -> Result<Vec<f64>, String> {
        let data = file.data::<T>().map_err(|e| e.to_string())?;
        data.map(|v| v.map(&convert).map_err(|e| e.to_string())).collect()
    }
    let dtype = file.dtype();
    let DType::Plain(plain) = &dtype else { return Err("its elements are records".into()) };
    match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 4) => read::<f32>(file, f64::from),
        (TypeChar::Float, 8) => read::<f64>(file, |v| v),
        (TypeChar::Bool, 1) => read::<bool>(file, f64::from),
        (TypeChar::Uint, 1) => read::<u8>(file, f64::from),
        (TypeChar::Uint, 2) => read::<u16>(file, f64::from),
        (TypeChar::Uint, 4) => read::<u32>(file, f64::from),
        (TypeChar::Int, 1) => read::<i8>(file, f64::from),
        (TypeChar::Int, 2) => read::<i16>(file, f64::from),
        (TypeChar::Int, 4) => read::<i32>(file, f64::from),
        _ => Err(format!("elements of type {dtype:?} are not supported: save it as float32 or float64")),
    }
}

/// One sample a line; a first line without any number is a header.
fn csv(bytes: &[u8], length: usize) -> Result<Samples, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let mut samples = Samples { values: Vec::new(), rows: 0 };
    let mut record = csv::StringRecord::new();
    let mut first = true;
    while reader.read_record(&mut record).map_err(|e| e.to_string())? {
        let line = record.position().map_or(0, csv::Position::line);
        if std::mem::take(&mut first) && record.iter().all(|field| field.parse::<f64>().is_err()) {
            continue;
        }
        if record.len() != length {
            return Err(format!("line {line}: {} numbers, a sample has {length}", record.len()));
        }
        for (index, field) in record.iter().enumerate() {
            let number =
                field.parse().map_err(|_| format!("line {line}, field {}: {field:?} is no number", index + 1))?;
            samples.values.push(number);
        }
        samples.rows += 1;
    }
    Ok(samples)
}

/// How many samples so many numbers are.
fn rows(count: u64, length: usize) -> Option<usize> {
    let length = length as u64;
    match length {
        0 => (count == 0).then_some(0),
        _ => count.is_multiple_of(length).then(|| usize::try_from(count / length).ok()).flatten(),
    }
}

/// Writes rows as `.npy` in these numbers.
pub fn write_npy<T: npyz::AutoSerialize + Copy>(values: &[T], shape: &[u64]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd()?;
    writer.extend(values.iter().copied())?;
    writer.finish()?;
    Ok(bytes)
}

/// Writes rows of `width` numbers as comma-separated values; each number reads back as it was.
pub fn write_csv<T: std::fmt::Display>(values: &[T], width: usize, out: &mut dyn Write) -> std::io::Result<()> {
    for row in values.chunks(width.max(1)) {
        for (index, value) in row.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(out, "{comma}{value}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_with_and_without_a_header() {
        let read = |text: &str| csv(text.as_bytes(), 2).map(|s| (s.values, s.rows));
        assert_eq!(read("a,b\n1, 2\n3,4e1\n"), Ok((vec![1.0, 2.0, 3.0, 40.0], 2)));
        assert_eq!(read("1,2"), Ok((vec![1.0, 2.0], 1)));
        assert_eq!(read(""), Ok((vec![], 0)));
        assert_eq!(read("1,x\n").unwrap_err(), "line 1, field 2: \"x\" is no number");
        assert_eq!(read("1,2\n3\n").unwrap_err(), "line 2: 1 numbers, a sample has 2");
        assert_eq!(read("1,2\n3,\n").unwrap_err(), "line 2, field 2: \"\" is no number");
    }

    #[test]
    fn npy_of_every_type_and_damaged() {
        let bytes = write_npy(&[1.5f32, -2.0, 3.0, 4.0], &[2, 2]).unwrap_or_default();
        let samples = npy(&bytes, 2).unwrap();
        assert_eq!((samples.values, samples.rows), (vec![1.5, -2.0, 3.0, 4.0], 2));
        assert_eq!(npy(&write_npy(&[7i16, -1], &[2]).unwrap_or_default(), 2).unwrap().values, [7.0, -1.0]);
        assert!(npy(&bytes, 3).is_err());
        for length in 0..bytes.len() {
            assert!(npy(&bytes[..length], 2).is_err(), "{length}");
        }
        let mut huge = bytes.clone();
        huge[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
        assert!(npy(&huge, 2).is_err());
    }
}
