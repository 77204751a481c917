"""Files in and out: imports, exports, auxiliary corpora, exported models, the sample data, licences."""
