"""Presidio over a folder with its regular expressions alone: a blank English model, so that no model is downloaded, and the
public-suffix list that is inside the package, so that none is fetched. Prints how many findings there were."""

import os
import sys

import tldextract

tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
tldextract.extract = tldextract.tldextract.TLD_EXTRACTOR

import spacy  # noqa: E402
from presidio_analyzer import AnalyzerEngine  # noqa: E402
from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: E402

# spaCy refuses longer texts.
PIECE = 100_000


class Blank(SpacyNlpEngine):
    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

    def load(self):
        pass

    def is_loaded(self):
        return True


engine = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
found = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            text = file.read().decode("utf-8", "replace")
        for at in range(0, len(text), PIECE):
            found += len(engine.analyze(text[at : at + PIECE], language="en"))
print(found)
