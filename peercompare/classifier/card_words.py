"""What every model card says in the same words; what differs from model to model is read from its facts."""

KIND = (
    "linear: word and character n-gram tf-idf into a ridge regression on the labels, then softmax; its "
    "probabilities can be taken apart term by term"
)
CONTEXT = (
    "words beside the segment, the heading above it and the words of its document are read where they are "
    "known; a segment without a document has weights of its own"
)
NO_CONTEXT = "none: the texts it learned from stood alone"
RULE = (
    "the largest probability after a factor for each label that gives rare labels their due, chosen on "
    "employers or workers not seen; the probabilities themselves stay calibrated"
)
NO_RULE = "the most probable one"
CALIBRATED = (
    "scores times {factor:.3f}, and a constant for each label, fitted on employers or workers not seen"
)
UNCALIBRATED = "none: probabilities are bare scores, in which every label counts the same"
INTENDED = (
    "To predict the stance of segments of text as a first reading, so that shares and an index can be "
    "estimated for settings, sites, employers' postings and conditions of work, together with a "
    "probability sample that people coded (`peercompare drift --sample`); to choose which segments "
    "people code next."
)
OUT_OF_SCOPE = (
    "No evaluation of an individual worker, of a single session, or of whoever wrote a posting.",
    "No hiring, discipline, pay, scheduling or supervision decisions, and no monitoring of staff.",
    "No statement about a person who uses services.",
    (
        "No counting of predicted labels as if they were codes: such counts are biased, however small "
        "their intervals look."
    ),
    (
        "No texts in a language, genre or unit of analysis that it was not trained on, unless people "
        "have coded a sample of them and the model was measured on it."
    ),
)
FACTORS = (
    "Scores are given for each label ({labels}) and each corpus. What counts as unseen are whole "
    "employers or workers. Nobody's own score is computed or shown, and what rests on fewer than five "
    "workers is withheld unless the corpus is composed."
)
METRICS = (
    "Macro-F1 is the mean of F1 over the labels, so that a rare label counts as much as a common one; "
    "accuracy is the share of segments given their label; the calibration error is the mean distance "
    "of a probability from the share found. The scores are of models made in the same way, each "
    "judged on whole employers or workers that it never saw; this file was then trained on all of "
    "them. The truth is the adjudicated code (gold) unless a row says otherwise. Intervals leave one "
    "cluster out at a time."
)
NOT_MEASURED = (
    "Not measured when this card was written. `peercompare train --evaluate` and `peercompare run` "
    "measure on employers or workers left out; do not use the model before you have."
)
NO_CORPUS = "It was trained on a plain table; nothing is known of its licence, and no consent was asked here."
NOBODY_SPEAKS = "No recorded person speaks in the training texts, or none is known to: nobody was asked."
CONSENT = (
    "Everybody heard in a training document consented to training on the day of the provenance. The "
    "model knows them by keyed hashes, whose key stays with the corpus: it is not loaded once "
    "somebody has withdrawn."
)
SETS = (
    "Each prediction names the labels that may be true, aimed to hold the true one in {level:.0%} of "
    "the segments of each label where texts are like the training texts (thresholds: {limits}). With "
    "more than one label, or none, it abstains; such segments stay in every estimate."
)
DOMAIN = (
    "Each document is compared with the {n} training documents in its terms and its length (usual: "
    "{low} to {high} words); one unlike them is marked out of domain, with what makes it so."
)
ALWAYS_ANSWERS = "It always answers: it was trained without calibration and marks nothing it does not know."
EXAMPLES = (
    "{n_examples} coded examples that come with the framework, each counting {weight:g} of a segment: texts "
    "composed by a language model and coded by it alone, said or posted by nobody, and no part of any "
    "score, calibration or judgement of documents (sha256 {sha256})"
)
ETHICS = (
    (
        "Recording and coding people's talk strains a value of peer support: learning about people "
        "from them, and not from files."
    ),
    "A high figure is a question to an organisation, not to a worker.",
    (
        "The file holds terms of its training texts, pairs of words among them, which may name "
        "people: keep it as its corpora ask."
    ),
    ("Whether errors fall on some ways of speaking more than on others is not shown by the scores above."),
)
CAVEATS = (
    (
        "Before use on new texts, have a probability sample of them coded (`peercompare next --for "
        "inference`), measure the model on it, and let drift put the predictions right with it."
    ),
    "A segment's probability is no measure of how good somebody's work is.",
)
LICENCE = (
    "peercompare is under the BSD 3-Clause licence; the model's terms come from its corpora, whose "
    "licences hold for it."
)
CITE = "Cite: The peercompare developers, peercompare {version} [software]; model {model}."
