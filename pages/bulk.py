"""The Bulk accept page: accepts one source's labels for a whole list after a random sample is checked, or undoes it."""

import streamlit as st

from jobs.review.bulk import offer, open_batch, why_not
from ui.guard import guard
from ui.job_bar import job_bar
from ui.review import bulk, filter_form

app = guard()
st.title("Bulk accept")
st.write(
    "Accept one source's labels for a whole list of tweets without reading each one. You first check a random "
    "sample, which gives an upper bound on how many of the other tweets are wrong."
)

wanted = filter_form.of_address(app.store)
is_busy = any([job_bar(app.store, "accept"), job_bar(app.store, "undo")])
known = None if is_busy else open_batch(app.store, wanted)
if why := why_not(wanted):
    bulk.refuse(why)
elif known:
    bulk.show_open_batch(app.store, known, app.reviewer)
elif not is_busy:
    found = offer(app.store, wanted)
    bulk.show_list(found, wanted)
    bulk.draw_form(app.store, found, wanted, app.reviewer)
bulk.past_batches(app.store, app.reviewer, is_busy, known)
