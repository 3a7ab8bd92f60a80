//! Data beside the model, and ways out of its folder.

use std::path::Path;

use anser::budget::Budget;
use anser::net::onnx::{OnnxErrorKind, ReadOptions, read_bytes, read_file};
use rten_onnx::onnx::{DataLocation, ModelProto, StringStringEntryProto};

use super::{evaluate, read, small};

/// The small model with its matrix elsewhere.
fn with(entries: &[(&str, &str)]) -> ModelProto {
    let mut model = small();
    let w = &mut model.graph.as_mut().unwrap().initializer[0];
    w.float_data.clear();
    w.data_location = Some(DataLocation::EXTERNAL);
    let entry = |&(key, value): &(&str, &str)| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    w.external_data = entries.iter().map(entry).collect();
    model
}

const WEIGHTS: [f32; 6] = [1.0, -2.0, 0.5, 3.0, -1.5, 0.25];

fn refused(folder: &Path, entries: &[(&str, &str)], word: &str) {
    let bytes = with(entries).write_buf().unwrap();
    let error = read_bytes(&bytes, Some(folder), &ReadOptions::default(), &Budget::unlimited()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error.kind(), OnnxErrorKind::External { tensor, .. } if tensor == "w"), "{entries:?}: {text}");
    assert!(text.contains(word), "{entries:?}: {text}");
}

#[test]
fn data_is_read_from_the_models_folder_and_nowhere_else() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("models");
    std::fs::create_dir_all(folder.join("parts")).unwrap();
    let data: Vec<u8> = [0u8; 4].into_iter().chain(WEIGHTS.iter().flat_map(|v| v.to_le_bytes())).collect();
    std::fs::write(folder.join("w.bin"), &data).unwrap();
    std::fs::write(folder.join("parts/w.bin"), &data[4..]).unwrap();
    std::fs::write(outside.path().join("secret"), &data).unwrap();

    let inputs = [0.5, -1.0, 2.0, 0.25, 3.0, -0.5];
    let expected = evaluate(&read(&small().write_buf().unwrap()).unwrap(), 1, &inputs);
    for entries in [
        &[("location", "w.bin"), ("offset", "4"), ("length", "24")][..],
        &[("offset", "4"), ("location", "w.bin"), ("checksum", "ignored")],
        &[("location", "parts/w.bin")],
    ] {
        let path = folder.join("m.onnx");
        std::fs::write(&path, with(entries).write_buf().unwrap()).unwrap();
        let options = ReadOptions { fuse: false, ..ReadOptions::default() };
        let network = read_file(&path, &options, &Budget::unlimited()).unwrap();
        assert_eq!(evaluate(&network, 1, &inputs), expected);
        let without = read(&with(entries).write_buf().unwrap()).unwrap_err().to_string();
        assert!(without.contains("without a folder"), "{without}");
    }

    let secret = outside.path().join("secret");
    let absolute = secret.to_str().unwrap();
    for place in ["../secret", absolute, "/dev/zero", "", "parts/../../secret", "./w.bin", "..", "parts/", "a\0b"] {
        refused(&folder, &[("location", place), ("offset", "4")], "named without");
    }
    refused(&folder, &[], "named without");
    refused(&folder, &[("location", "parts")], "no file");
    refused(&folder, &[("location", "missing")], "No such file");
    refused(&folder, &[("location", "w.bin"), ("offset", "5")], "it has 28");
    refused(&folder, &[("location", "w.bin"), ("offset", "18446744073709551615")], "it has 28");
    refused(&folder, &[("location", "w.bin"), ("offset", "18446744073709551616")], "offset");
    refused(&folder, &[("location", "w.bin"), ("offset", "-1")], "offset");
    refused(&folder, &[("location", "w.bin"), ("length", "20")], "needs 24");
    refused(&folder, &[("location", "w.bin"), ("length", "18446744073709551615")], "needs 24");
    refused(&folder, &[("location", "w.bin"), ("location", "w.bin")], "twice");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, folder.join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.join("up")).unwrap();
        std::os::unix::fs::symlink(folder.join("w.bin"), folder.join("inner")).unwrap();
        refused(&folder, &[("location", "link"), ("offset", "4")], "link");
        refused(&folder, &[("location", "up/secret"), ("offset", "4")], "link");
        let inner = with(&[("location", "inner"), ("offset", "4")]).write_buf().unwrap();
        assert!(read_bytes(&inner, Some(&folder), &ReadOptions::default(), &Budget::unlimited()).is_ok());
        // A pipe would wait for a writer.
        let status = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status();
        if status.is_ok_and(|s| s.success()) {
            refused(&folder, &[("location", "pipe"), ("offset", "4")], "no file");
        }
    }
}
