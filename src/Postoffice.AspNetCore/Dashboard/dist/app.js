document.getElementById("app").textContent = "Postoffice";
