"""FastAPI: uvicorn fastapi_app:app"""

from fastapi import FastAPI

from orders import store

app = FastAPI()
regressions = store.chosen_regressions()


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/orders/{number}")
def order(number: int):
    return store.order(number, regressions)
