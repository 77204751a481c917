"""Where models come from and where they compute: model URIs, TensorFlow Hub handles, devices."""
