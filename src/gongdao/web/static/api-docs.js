// Starts Swagger UI; a request that is tried carries the token of the session, as our forms do.
const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: false,
  validatorUrl: null,
  // Its label does not name the list of servers to a screen reader.
  onComplete: () => document.getElementById("servers")?.setAttribute("aria-label", "Servers"),
  requestInterceptor: (request) => {
    if (place.dataset.csrfToken && !request.headers.Authorization) {
      request.headers["X-CSRF-Token"] = place.dataset.csrfToken;
    }
    return request;
  },
});
