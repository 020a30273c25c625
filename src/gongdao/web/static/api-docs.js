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
  requestInterceptor: (request) => {
    if (place.dataset.csrfToken && !request.headers.Authorization) {
      request.headers["X-CSRF-Token"] = place.dataset.csrfToken;
    }
    return request;
  },
});
